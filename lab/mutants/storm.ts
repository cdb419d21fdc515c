/** One stretch of the simulation: a seed decides everything that happens in so many minutes. */
export interface Storm {
  readonly seed: number
  readonly minutes: number
}

/** Lengths that are tried, the shortest first. */
export const MINUTES = [3, 6, 15] as const
/** How many seeds a mutant may survive. */
export const SEEDS = 200

export const isStorm = (value: unknown): value is Storm =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'seed') === 'number' &&
  typeof Reflect.get(value, 'minutes') === 'number'
