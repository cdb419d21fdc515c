import { createSeededRandom } from 'tidings/testing'
import { createDice } from '../sim/dice.js'
import type { Beat } from './words.js'

/**
 * What goes on when the browser is killed: `offline`, the page has no connection; `writing`, it writes and sends; `unheard`, the server
 * takes what it sends and the answers are lost; `answered`, answers come in; `returning`, it sends what the browser before it left, and
 * writes on.
 */
export const SCENES = ['offline', 'writing', 'unheard', 'answered', 'returning'] as const
export type Scene = (typeof SCENES)[number]

/** One trial. */
export interface Plan {
  readonly scene: Scene
  readonly beats: readonly Beat[]
  /** How many messages the page must have told of before the kill: as queued, or as confirmed in the scene `answered`. */
  readonly killAfter: number
  /** From then on, ms. In half of the trials it is 0: right after `queued()` has resolved. */
  readonly delayMs: number
  /** Whether the kill hits the browser's own log in the middle of a record: by itself that happens to one in some hundred. */
  readonly tears: boolean
}

const MOST_MESSAGES = 10

/** The plan of one trial: the same for the same seed and number. Scenes take turns. */
export function planOf(seed: number, trial: number): Plan {
  const dice = createDice(createSeededRandom(seed * 1_000_003 + trial))
  const whole = (from: number, to: number) => Math.floor(dice.between(from, to + 1))
  const beats = Array.from({ length: whole(1, MOST_MESSAGES) }, () => ({
    afterMs: dice.chance(0.5) ? 0 : whole(1, 12),
    chars: dice.chance(0.1) ? whole(1_000, 20_000) : whole(1, 200),
  }))
  return {
    scene: SCENES[trial % SCENES.length] ?? 'offline',
    beats,
    killAfter: whole(1, beats.length),
    delayMs: dice.chance(0.5) ? 0 : whole(1, 120),
    tears: dice.chance(0.3),
  }
}
