import { createRouterOn, type RouterOptions } from '../../../src/core/connection/router.js'

export const names = (count: number, prefix = 'node-') =>
  Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`)

/** The ids that users have: counted up, random in hexadecimal, and words. */
export const KEYS = {
  sequential: (i: number) => `user-${i}`,
  numbers: (i: number) => String(100_000 + i),
  random: (i: number) => `${mixOf(i)}-${mixOf(i + 1e6)}`,
  words: (i: number) => `${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}@example.com/${i}`,
}

const mixOf = (i: number) => (Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')

export function createWorld(nodes: Iterable<string>, options?: RouterOptions) {
  const clock = { ms: 1_900_000_000_000, now: () => clock.ms }
  return { clock, router: createRouterOn(clock, nodes, options) }
}

export const MANY = 30_000

export const sharesOf = (pick: (key: string) => string, key: (i: number) => string, count = MANY) => {
  const shares = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const node = pick(key(i))
    shares.set(node, (shares.get(node) ?? 0) + 1)
  }
  return shares
}
