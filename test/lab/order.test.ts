import { describe, expect, it } from 'vitest'
import { exitCodeOf, parseOrder } from '../../lab/replay/main.js'
import type { Result } from '../../lab/replay/run.js'

const fine: Result = {
  ...{ messages: 5_000, clients: 8, lost: 0, duplicated: 0, disordered: 0, causalityBroken: 0 },
  ...{ reconnects: 20, serverRestarts: 3, resent: 10, duplicateAcks: 1, seconds: 30 },
}

describe('the exit code', () => {
  it('is 0 for four zeros under faults that were rough enough', () => {
    expect(exitCodeOf(fine, 'rough')).toBe(0)
  })
  it.each(['lost', 'duplicated', 'disordered', 'causalityBroken'] as const)(
    'is 1 when %s is not 0',
    (count) => {
      for (const faults of ['none', 'rough'] as const)
        expect(exitCodeOf({ ...fine, [count]: 1 }, faults)).toBe(1)
    },
  )
  it.each([
    ['reconnects', 19],
    ['resent', 9],
    ['duplicateAcks', 0],
    ['serverRestarts', 2],
  ])('is 2 when rough saw only so many %s: %i', (count, few) => {
    expect(exitCodeOf({ ...fine, [count]: few }, 'rough')).toBe(2)
    expect(exitCodeOf({ ...fine, [count]: few }, 'none')).toBe(0)
  })
  it('is 1 rather than 2', () => {
    expect(exitCodeOf({ ...fine, lost: 1, resent: 0 }, 'rough')).toBe(1)
  })
})

describe('the command line', () => {
  it('has defaults for everything but the file', () => {
    const defaults = { clients: 8, seed: 1, faults: 'none', limit: undefined, json: false }
    expect(parseOrder(['log.jsonl'])).toEqual({ file: 'log.jsonl', ...defaults })
  })
  it('takes every option', () => {
    const words = 'log.gz --clients 3 --seed 7 --faults rough --limit 100 --json'.split(' ')
    const given = { clients: 3, seed: 7, faults: 'rough', limit: 100, json: true }
    expect(parseOrder(words)).toEqual({ file: 'log.gz', ...given })
  })
  it('gives help when asked', () => {
    expect(parseOrder(['--help'])).toBeUndefined()
  })
  it.each([
    [[], /Name one chat log/],
    [['a', 'b'], /Name one chat log/],
    [['a', '--faults', 'some'], /none or rough, not "some"/],
    [['a', '--clients', '0'], /--clients takes a whole number from 1/],
    [['a', '--limit', 'x'], /--limit takes a whole number/],
    [['a', '--speed', '1'], /--speed/],
  ])('says what is wrong with %j', (words, sentence) => {
    expect(() => parseOrder(words)).toThrow(sentence)
  })
})
