import { Broken } from '../sim/laws.js'
import { playClient } from './client-session.js'
import { playCodec } from './codec-session.js'
import { playServer } from './server-session.js'
import type { Counter } from './tally.js'

/** Frames of one session: enough to lead a client far astray, few enough to look at. */
export const SESSION_FRAMES = 2_000

/** What sessions are about, in turn: the codec is quick, and whole clients find what it cannot. */
const TURNS = ['codec', 'client', 'codec', 'codec', 'server', 'codec', 'client', 'codec'] as const

export const aboutOf = (session: number): (typeof TURNS)[number] => TURNS[session % TURNS.length] ?? 'codec'

/** Seeds of sessions lie far apart, whatever the seed of the run is. */
const seedOf = (seed: number, session: number): number => (Math.imul(seed, 1_000_003) + session) | 0

/** Plays one session. The same seed and number play the same. Says what was broken, or nothing. */
export async function playSession(
  seed: number,
  session: number,
  counter: Counter,
): Promise<string | undefined> {
  const own = seedOf(seed, session)
  const about = aboutOf(session)
  try {
    if (about === 'codec') playCodec(own, SESSION_FRAMES, counter)
    else if (about === 'client') await playClient(own, SESSION_FRAMES, counter)
    else await playServer(own, SESSION_FRAMES, counter)
    counter.played()
    return undefined
  } catch (cause) {
    return cause instanceof Broken ? cause.message : `something threw out: ${stackOf(cause)}`
  }
}

export const stackOf = (cause: unknown): string =>
  cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
