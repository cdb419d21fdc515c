import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type LogFile, openLogFile } from '../replay/rows.js'
import { createServerProcess } from '../replay/server-process.js'
import { add, CLEAN, isClean, STAGES, type Stage, type Verdict } from './judge.js'
import { createLife, type Life } from './life.js'
import { type Plan, planOf } from './plan.js'

export interface RunOptions {
  readonly trials: number
  readonly seed: number
  /** Chromium. */
  readonly executable: string
  /** The built server. */
  readonly program: string
  /** A folder with the page of the trials. */
  readonly pages: string
  /** An empty folder, for profiles and the server's file. */
  readonly folder: string
  readonly say: (text: string) => void
}

/** One trial that is over: what went on when the browser was killed, and where its messages were then. */
export type Outcome = Pick<Plan, 'scene'> & { readonly stage: Stage }

/** What a run comes to. It ends with the first profile on which something was wrong; the numbers in the verdict are of that one. */
export interface Result extends Verdict {
  readonly outcomes: readonly Outcome[]
  readonly written: number
  readonly queued: number
  /** Kills after which the browser's log ended in the middle of a record. */
  readonly torn: number
  readonly seconds: number
}

/** Kills on one profile: enough that one browser finds what several left, few enough that the room fits into a list. */
const TRIALS_A_LIFE = 25

const numberIn = (body: string | null): number => Number(Reflect.get(Object(JSON.parse(body ?? 'null')), 'n'))

/** Plays one profile to its end, or to the first trial that something was wrong after. */
async function play(life: Life, plans: readonly Plan[]): Promise<readonly Outcome[]> {
  for (const plan of plans) {
    if (!isClean(life.verdict)) break
    await life.trial(plan)
  }
  await life.end()
  return life.stages.flatMap((stage, i) => plans.slice(i, i + 1).map(({ scene }) => ({ scene, stage })))
}

async function playAll(options: RunOptions, origin: string, file: LogFile): Promise<Omit<Result, 'seconds'>> {
  const { trials, seed, executable, folder, say } = options
  const outcomes: Outcome[] = []
  let [written, queued, torn] = [0, 0, 0]
  let verdict = CLEAN
  for (let at = 0; at < trials && isClean(verdict); at += TRIALS_A_LIFE) {
    const [user, room] = [`user-${at}`, `room-${at}`]
    const profile = join(folder, `profile-${at}`)
    mkdirSync(profile)
    const life = createLife({
      executable,
      profile,
      url: `${origin}/?${new URLSearchParams({ user, room })}`,
      file: () => file.rows(room).map(({ body }) => numberIn(body)),
    })
    const count = Math.min(TRIALS_A_LIFE, trials - at)
    const plans = Array.from({ length: count }, (_, i) => planOf(seed, at + i))
    outcomes.push(...(await play(life, plans)))
    written += life.written
    queued += life.queued
    torn += life.torn
    verdict = add(verdict, life.verdict)
    if (isClean(verdict)) rmSync(profile, { recursive: true, force: true })
    say(`${outcomes.length} browsers killed, ${queued} messages queued before.`)
  }
  return { ...verdict, outcomes, written, queued, torn }
}

/** Kills browsers until all trials are over or one of them went wrong. */
export async function playTrials(options: RunOptions): Promise<Result> {
  const startedAt = performance.now()
  const data = join(options.folder, 'log.db')
  const onCrash = (why: string): void => options.say(`The server ended by itself: ${why}`)
  const server = await createServerProcess({ ...options, keeps: ['--data', data], onCrash })
  await server.start()
  const file = await openLogFile(data)
  try {
    const result = await playAll(options, server.origin, file)
    return { ...result, seconds: Math.round((performance.now() - startedAt) / 100) / 10 }
  } finally {
    file.close()
    await server.stop()
  }
}

/** How many outcomes fell into each stage. */
export const countStages = (outcomes: readonly Outcome[]): Readonly<Record<Stage, number>> => {
  const counts: Record<Stage, number> = { device: 0, both: 0, server: 0, between: 0, none: 0 }
  for (const { stage } of outcomes) counts[stage] += 1
  return counts
}

/** What a run must have met to prove something: messages on the device alone, on the server too, and past that; and a torn log. */
export function missedOf({ outcomes, torn }: Pick<Result, 'outcomes' | 'torn'>): readonly string[] {
  const counts = countStages(outcomes)
  const stages = STAGES.filter((stage) => stage !== 'none' && stage !== 'between' && counts[stage] === 0)
  return torn === 0 ? [...stages, 'a torn log'] : stages
}
