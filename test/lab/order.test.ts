import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodeOnNodes, parseOrder } from '../../lab/replay/main.js'
import type { NodesResult } from '../../lab/replay/nodes.js'
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

const fineOnNodes: NodesResult = {
  ...fine,
  nodes: 3,
  moved: 20,
  resets: 0,
  breaks: 0,
  unacknowledgedAtKills: 6,
  channelsCut: 6,
  linksCut: 2,
  redisRestarts: 2,
  crashes: 0,
  replicaAgrees: true,
}

describe('the exit code of several servers', () => {
  it('is 0 for zeros under faults that were rough enough', () => {
    expect(exitCodeOnNodes(fineOnNodes, 'rough')).toBe(0)
  })
  it.each(['lost', 'duplicated', 'resets', 'breaks', 'crashes'] as const)(
    'is 1 when %s is not 0',
    (count) => {
      for (const faults of ['none', 'rough'] as const)
        expect(exitCodeOnNodes({ ...fineOnNodes, [count]: 1 }, faults)).toBe(1)
    },
  )
  it('is 1 when the replica holds something else', () => {
    expect(exitCodeOnNodes({ ...fineOnNodes, replicaAgrees: false }, 'none')).toBe(1)
  })
  it.each([
    ['reconnects', 19],
    ['unacknowledgedAtKills', 5],
    ['moved', 19],
    ['channelsCut', 5],
    ['redisRestarts', 1],
  ])('is 2 when rough saw only so many %s: %i', (count, few) => {
    expect(exitCodeOnNodes({ ...fineOnNodes, [count]: few }, 'rough')).toBe(2)
    expect(exitCodeOnNodes({ ...fineOnNodes, [count]: few }, 'none')).toBe(0)
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
  it('takes three servers on Redis, more clients, and when they are rough fewer messages', () => {
    const order = (text: string) => parseOrder(text.split(' '))
    expect(order('a --redis')).toMatchObject({ nodes: 3, clients: 30, limit: undefined })
    expect(order('a --redis --nodes 5 --clients 4')).toMatchObject({ nodes: 5, clients: 4 })
    expect(order('a --redis --faults rough')).toMatchObject({ limit: 10_000 })
    expect(order('a --redis --faults rough --limit all')).toMatchObject({ limit: undefined })
    expect(order('a --redis --faults rough --limit 7')).toMatchObject({ limit: 7 })
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
    [['a', '--nodes', '3'], /Several servers need one Redis: add --redis/],
    [['a', '--nodes', '0', '--redis'], /--nodes takes a whole number from 1/],
    [['a', '--speed', '1'], /--speed/],
  ])('says what is wrong with %j', (words, sentence) => {
    expect(() => parseOrder(words)).toThrow(sentence)
  })
})
