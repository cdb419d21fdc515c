import { describe, expect, it } from 'vitest'
import { createLadder } from '../../lab/replay/ladder.js'

const climbed = (...windows: string[]): string => {
  const ladder = createLadder()
  for (const window of windows) ladder.climb([...window])
  return ladder.whole().join('')
}

describe('a list that is read upwards', () => {
  it('is put together from windows that let go of their lower end', () => {
    expect(climbed('efgh', 'cdefgh', 'abcdef')).toBe('abcdefgh')
  })
  it('takes in what an older page brings between what was there', () => {
    expect(climbed('bdf', 'abcdef')).toBe('abcdef')
  })
  it('shows twice what changed its place, or is there twice', () => {
    expect(climbed('abc', 'acb')).toBe('abcb')
    expect(climbed('abc', 'aabc')).toBe('aabc')
  })
  it('is empty without a window, and keeps windows that do not meet', () => {
    expect(climbed()).toBe('')
    expect(climbed('cd', 'ab')).toBe('abcd')
  })
})
