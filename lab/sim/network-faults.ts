import type { Direction, Noise } from 'tidings/testing'
import { forAWhile, lasting, minutes, type Strike } from './strike.js'
import { STEPS } from './tap.js'

const blackHole =
  (...directions: readonly Direction[]): Strike =>
  (stage, { tab }) =>
    lasting(stage, minutes(stage, 1), tab.link.blackHole(...directions))

const noise =
  (made: Noise): Strike =>
  (stage, seat) => {
    // A greeting that comes twice, or behind what follows it, ends the connection for good.
    seat.mayGiveUp = true
    forAWhile(stage, 1, () => seat.tab.link.noise(made))
  }

/** Longer than a client takes to notice and to come back. */
const LATE_MS = 20_000

/** What a network does to connections and texts. */
export const networkFaults = {
  drop: (_, { tab }) => tab.link.drop(),
  'drop at a step'(stage, { tab, tap }) {
    const step = stage.dice.pick(STEPS)
    if (step && tap) lasting(stage, minutes(stage, 2), tap.trap(step, tab.link.drop))
  },
  'black hole up': blackHole('up'),
  'black hole down': blackHole('down'),
  'black hole': blackHole(),
  refuse(stage, { tab }) {
    tab.link.refuse(true)
    lasting(stage, minutes(stage, 1), () => tab.link.refuse(false))
  },
  slow(stage, { tab }) {
    tab.link.latency(stage.dice.between(200, 4_000))
    lasting(stage, minutes(stage, 2), () => tab.link.latency(25))
  },
  'texts lost': noise({ lost: 0.2 }),
  'texts doubled': noise({ doubled: 0.3 }),
  'texts overtaken': noise({ overtaken: 0.3 }),
  'texts cut': noise({ cut: 0.1 }),
  'late frames'(stage, seat) {
    seat.mayGiveUp = true
    seat.tab.link.abandon(stage.dice.between(0, LATE_MS))
  },
} as const satisfies Readonly<Record<string, Strike>>
