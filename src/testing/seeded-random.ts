import type { Random } from '../core/seams/random.js'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'
const ID_CHARS = 21

/** Spreads one number over the generator's four words (splitmix32): seeds that are neighbours start far apart. */
function spread(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
}

/**
 * Chance that repeats: the same seed gives the same numbers and the same ids, on every machine (sfc32, public domain).
 * For tests and simulations only: its ids are unique within one seed, not in the world. Give each client a seed of its own.
 */
export function createSeededRandom(seed: number): Random {
  const word = spread(seed)
  let a = word()
  let b = word()
  let c = word()
  let counter = 1
  function uint32(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  // The first numbers still show the seed.
  for (let i = 0; i < 12; i++) uint32()
  return {
    next: () => uint32() / 2 ** 32,
    id: () => Array.from({ length: ID_CHARS }, () => LETTERS.charAt(uint32() >>> 26)).join(''),
  }
}
