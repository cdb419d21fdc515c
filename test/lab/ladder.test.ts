import { describe, expect, it } from 'vitest'
import { createLadder } from '../../lab/replay/ladder.js'

/** Letters stand for messages, written in the order of the alphabet. */
const climbed = (...windows: string[]): string => {
  const ladder = createLadder()
  for (const window of windows) ladder.climb([...window].map((id) => ({ id, stamp: id })))
  return ladder.whole().join('')
}

describe('a room that is read a window at a time', () => {
  it('is put together from windows that let go of their lower end', () => {
    expect(climbed('efgh', 'cdefgh', 'abcdef')).toBe('abcdefgh')
  })
  it('takes in what comes between what was there, also where a window began anew', () => {
    expect(climbed('bdf', 'cf', 'abcdef')).toBe('abcdef')
  })
  it('shows once more what a list showed twice, or out of its place', () => {
    expect(climbed('aabc')).toBe('abca')
    expect(climbed('abc', 'acb')).toBe('abcb')
  })
  it('is empty without a window, and keeps windows that do not meet', () => {
    expect(climbed()).toBe('')
    expect(climbed('cd', 'ab')).toBe('abcd')
  })
})
