import { agree } from './agree.js'
import { Broken } from './broken.js'
import { type Chronicle, closeStage, createChronicle, noteDepth } from './chronicle.js'
import { namesOf } from './dice.js'
import { FAULTS, type Fault, healAll, strike } from './faults.js'
import { createLaws } from './laws.js'
import { lose } from './losses.js'
import { act } from './people.js'
import { createStage, type Stage, type StageOptions } from './stage.js'
import { createStepLaws, settleAccounts } from './step-laws.js'
import { createTrace } from './trace.js'

/**
 * `safety`: faults never stop, and every promise that holds at every step is looked at after each. `liveness`: faults cease every
 * quarter of an hour, and everybody has to agree. `both`: both.
 */
export type Mode = 'safety' | 'liveness' | 'both'

export interface SimOptions {
  readonly seed: number
  /** Client-hours to play; each client lives for as many hours as this divided by their number. */
  readonly hours: number
  /** The first stretch that is played, from 0 on, which is the default: each is a world of its own. */
  readonly stretch?: number
  readonly clients: number
  readonly print?: (line: string) => void
  /** What is different about the server, for canaries. */
  readonly server?: StageOptions['server']
  /** How long faults strike until they cease and everybody has to agree. */
  readonly stretchMs?: number
  /** Faults that strike; all unless told otherwise. */
  readonly only?: readonly Fault[]
  /** How long a step takes on average. */
  readonly stepMs?: number
  /** Whether tabs have locks to share out the sending by; without them they claim what they send. */
  readonly locks?: boolean
  /** `both` unless told otherwise. */
  readonly mode?: Mode
}

/** What came of it. */
export interface Tally {
  readonly seed: number
  readonly clientHours: number
  readonly steps: number
  readonly written: number
  readonly faults: Readonly<Record<string, number>>
  /** Frames that the server sent, by type. */
  readonly frames: Readonly<Record<string, number>>
  /** Everything that was counted, with what is only drawn. */
  readonly chronicle: Chronicle
  readonly hash: string
  /** The promise that was broken, or nothing. */
  readonly broken: string | undefined
}

const HOUR_MS = 3_600_000
/** Unless told otherwise. */
const STRETCH_MS = 15 * 60_000
const STEP_MS = 7_000
/** Of each client at each step. */
const ACTS = 0.25
const STRIKES = 0.95
/** Of each profile at each step: how often a backup is made, and how often the platform flushes. */
const BACKUPS = 0.05
const FLUSHES = 0.2

function breakSomething(stage: Stage, { faults }: Chronicle, weights: Weights): void {
  const { world, dice, seats, trace } = stage
  if (!dice.chance(STRIKES)) return
  const fault: Fault = dice.weighted(weights)
  const seat = dice.pick(seats)
  if (!seat) return
  trace.note(`${world.timeline.now()} ${fault} ${seat.name}`)
  stage.count(faults, fault)
  strike(stage, fault, seat)
}

/** What devices do by themselves. */
function keepHouse({ dice, seats, backups }: Stage): void {
  for (const profile of new Set(seats.map((seat) => seat.profile))) {
    if (dice.chance(BACKUPS)) backups.set(profile, profile.disk.snapshot())
    if (dice.chance(FLUSHES)) profile.disk.flush()
  }
}

type Weights = Readonly<Record<Fault, number>>

const weightsOf = (only: readonly Fault[] | undefined): Weights => {
  const weights: Record<Fault, number> = { ...FAULTS }
  for (const fault of namesOf(FAULTS)) if (only && !only.includes(fault)) weights[fault] = 0
  return weights
}

/** For how long faults strike, which, and how long a step takes on average. */
interface Pace {
  readonly ms: number
  readonly stepMs: number
  readonly weights: Weights
}

/** Faults strike until the time is over. `look` is called after each step. */
async function storm(
  stage: Stage,
  chronicle: Chronicle,
  { ms, stepMs, weights }: Pace,
  look: () => void,
): Promise<void> {
  const { world, dice, seats } = stage
  const beganAt = world.timeline.now()
  while (world.timeline.now() < beganAt + ms) {
    for (const seat of [...seats]) if (dice.chance(ACTS)) act(stage, seat)
    breakSomething(stage, chronicle, weights)
    keepHouse(stage)
    await world.timeline.advance(dice.between(0, 2 * stepMs))
    look()
    noteDepth(chronicle, stage, world.timeline.now() - beganAt)
    chronicle.steps += 1
  }
}

/** Everything ceases, and everybody has to agree. */
async function calm(stage: Stage, { convergedMs }: Chronicle): Promise<void> {
  healAll(stage)
  convergedMs.push(await agree(stage))
  settleAccounts(stage)
  await lose(stage)
}

function watch(stage: Stage): () => void {
  const laws = createLaws(stage)
  const more = createStepLaws(stage)
  return () => {
    laws.look()
    more.look()
  }
}

/** One stretch of time in a world of its own: what is simulated stays as small as a day of people. Gives the promise that broke. */
async function play(stage: Stage, chronicle: Chronicle, mode: Mode, pace: Pace): Promise<string | undefined> {
  const beganAt = stage.world.timeline.now()
  try {
    await storm(stage, chronicle, pace, mode === 'liveness' ? () => undefined : watch(stage))
    if (mode !== 'safety') await calm(stage, chronicle)
  } catch (cause) {
    if (cause instanceof Broken) return cause.message
    throw cause
  }
  closeStage(chronicle, stage, (stage.world.timeline.now() - beganAt) / HOUR_MS)
  await stage.world.end()
  return undefined
}

/** Plays clients, a server and everything that can break, until the hours are over or a promise is. */
export async function simulate({ seed, hours, clients, print, ...more }: SimOptions): Promise<Tally> {
  const { server, locks = true, stretchMs = STRETCH_MS, stepMs = STEP_MS, only, mode = 'both' } = more
  const trace = createTrace(print)
  const chronicle = createChronicle()
  let broken: string | undefined
  for (let { stretch = 0 } = more; chronicle.clientHours < hours && broken === undefined; stretch++) {
    const stage = createStage({
      seed: seed * 1_000 + stretch,
      clients,
      rooms: ['general', 'other'],
      trace,
      locks,
      ...(server && { server }),
    })
    const says = await play(stage, chronicle, mode, { ms: stretchMs, stepMs, weights: weightsOf(only) })
    broken = says && `stretch ${stretch}: ${says}`
  }
  const { clientHours, steps, written, faults, frames } = chronicle
  return {
    seed,
    clientHours,
    steps,
    written,
    chronicle,
    hash: trace.hash(),
    broken,
    faults: Object.fromEntries(faults),
    frames: Object.fromEntries(frames),
  }
}
