import type { Fault } from '../sim/faults.js'

/** One stretch of the simulation: a seed decides everything that happens in so many minutes. */
export interface Storm {
  readonly seed: number
  readonly minutes: number
}

/** Lengths that are tried, the shortest first. */
export const MINUTES = [2, 6] as const
/** Things happen faster than in the simulation: seconds count here, not days. */
export const STEP_MS = 3_000
/** How many seeds a mutant may survive. */
export const SEEDS = 200

export const isStorm = (value: unknown): value is Storm =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'seed') === 'number' &&
  typeof Reflect.get(value, 'minutes') === 'number'

/** What strikes: nothing that takes something away for good or lets a client give up, since after it less is owed, and a defect has more to hide behind. */
export const ONLY: readonly Fault[] = [
  ...([
    'drop',
    'drop at a step',
    'black hole up',
    'black hole down',
    'black hole',
    'refuse',
    'slow',
  ] as const),
  ...(['server killed', 'server drained', 'acks lost', 'not now', 'not here', 'turned away'] as const),
  ...(['disk aborts', 'disk full', 'disk slow', 'disk lost', 'disk runs twice', 'disk deaf'] as const),
  ...(['crash', 'crash while writing', 'freeze', 'disconnect', 'clock jump', 'signals'] as const),
]
