import { agree } from './agree.js'
import { FAULTS, type Fault, healAll, strike } from './faults.js'
import { Broken, createLaws } from './laws.js'
import { act } from './people.js'
import { createStage, type Stage, type StageOptions } from './stage.js'
import { createTrace } from './trace.js'

export interface SimOptions {
  readonly seed: number
  /** Client-hours to play; each client lives for as many hours as this divided by their number. */
  readonly hours: number
  readonly clients: number
  readonly print?: (line: string) => void
  /** What is different about the server, for canaries. */
  readonly server?: StageOptions['server']
  /** How long faults strike until they cease and everybody has to agree. */
  readonly stretchMs?: number
  /** Whether tabs have locks to share out the sending by; without them they claim what they send. */
  readonly locks?: boolean
}

/** What came of it. */
export interface Tally {
  readonly seed: number
  readonly clientHours: number
  readonly steps: number
  readonly written: number
  readonly faults: Readonly<Record<string, number>>
  /** Frames that the server sent, by type: which branches were reached. */
  readonly frames: Readonly<Record<string, number>>
  readonly hash: string
  /** The promise that was broken, or nothing. */
  readonly broken: string | undefined
}

const HOUR_MS = 3_600_000
/** Unless told otherwise. */
const STRETCH_MS = 15 * 60_000
const STEP_MS = 8_000
/** Of each client at each step. */
const ACTS = 0.25
const STRIKES = 0.9

async function storm(stage: Stage, faults: Map<string, number>, stretchMs: number): Promise<number> {
  const { world, dice, seats, trace } = stage
  const laws = createLaws(stage)
  const endsAt = world.timeline.now() + stretchMs
  let steps = 0
  while (world.timeline.now() < endsAt) {
    for (const seat of [...seats]) if (dice.chance(ACTS)) act(stage, seat)
    if (dice.chance(STRIKES)) {
      const fault: Fault = dice.weighted(FAULTS)
      const seat = dice.pick(seats)
      if (seat) {
        trace.note(`${world.timeline.now()} ${fault} ${seat.name}`)
        stage.count(faults, fault)
        strike(stage, fault, seat)
      }
    }
    await world.timeline.advance(dice.between(0, 2 * STEP_MS))
    laws.look()
    steps += 1
  }
  healAll(stage)
  return steps
}

/** Plays clients, a server and everything that can break, until the hours are over or a promise is. */
export async function simulate({ seed, hours, clients, print, ...more }: SimOptions): Promise<Tally> {
  const { server, locks = true, stretchMs = STRETCH_MS } = more
  const trace = createTrace(print)
  const faults = new Map<string, number>()
  const frames = new Map<string, number>()
  const total = { clientHours: 0, steps: 0, written: 0 }
  const tally = (broken?: string): Tally => ({
    ...{ seed, ...total, hash: trace.hash(), broken },
    faults: Object.fromEntries(faults),
    frames: Object.fromEntries(frames),
  })
  for (let stretch = 0; total.clientHours < hours; stretch++) {
    // A world of its own for each stretch: what is simulated stays as small as a day of people.
    const stage = createStage({
      ...{ seed: seed * 1_000 + stretch, clients, rooms: ['general', 'other'], trace },
      ...{ locks, ...(server && { server }) },
    })
    const began = stage.world.timeline.now()
    try {
      total.steps += await storm(stage, faults, stretchMs)
      await agree(stage)
    } catch (cause) {
      if (cause instanceof Broken) return tally(`stretch ${stretch}: ${cause.message}`)
      throw cause
    }
    total.clientHours += ((stage.world.timeline.now() - began) / HOUR_MS) * clients
    total.written += stage.intents.size
    for (const [type, times] of stage.sent) frames.set(type, (frames.get(type) ?? 0) + times)
    await stage.world.end()
  }
  return tally()
}
