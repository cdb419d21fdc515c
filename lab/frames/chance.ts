import { createSeededRandom } from 'tidings/testing'
import { createDice, type Dice } from '../sim/dice.js'

/** Decisions that repeat with the seed, for those who make a million of them. */
export interface Chance extends Dice {
  /** A whole number from 0 up to but not including `below`. */
  whole(below: number): number
  /** One of them. */
  one<const T>(items: readonly [T, ...T[]]): T
}

export function createChance(seed: number): Chance {
  const random = createSeededRandom(seed)
  const whole = (below: number): number => Math.floor(random.next() * below)
  return {
    ...createDice(random),
    whole,
    one: (items) => items[whole(items.length)] ?? items[0],
  }
}
