import type { Random } from 'tidings/core'

/** Decisions that repeat with the seed. */
export interface Dice {
  /** True with this probability. */
  chance(share: number): boolean
  /** Evenly from `from` up to but not including `to`. */
  between(from: number, to: number): number
  /** One of them; undefined when there is none. */
  pick<T>(items: readonly T[]): T | undefined
  /** A name, more often the heavier ones. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K
}

export function createDice(random: Random): Dice {
  const between = (from: number, to: number) => from + random.next() * (to - from)
  return {
    between,
    chance: (share) => random.next() < share,
    pick: (items) => items[Math.floor(random.next() * items.length)],
    weighted(weights) {
      const names = namesOf(weights)
      let left = random.next() * names.reduce((sum, name) => sum + weights[name], 0)
      const found = names.find((name) => {
        left -= weights[name]
        return left < 0
      })
      const [first] = names
      if (first === undefined) throw new Error('There is nothing to choose from.')
      return found ?? first
    },
  }
}

/** The keys of a record, by the names that its type gives them. */
export const namesOf = <K extends string>(record: Readonly<Record<K, unknown>>): readonly K[] => {
  const isName = (name: string): name is K => Object.hasOwn(record, name)
  return Object.keys(record).filter(isName)
}
