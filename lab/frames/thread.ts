import { parentPort, workerData } from 'node:worker_threads'
import { createHeapGauge } from '../heap.js'
import { playSession, stackOf } from './session.js'
import { createCounter, type Tally } from './tally.js'

/** Which sessions a thread plays: those that leave `thread` when divided by `threads`. */
export interface Share {
  readonly seed: number
  readonly sessions: number
  readonly thread: number
  readonly threads: number
}

/** What a thread says on its way, and at the end. */
export type Said =
  | { readonly is: 'progress'; readonly frames: number }
  | { readonly is: 'broken'; readonly session: number; readonly what: string }
  | { readonly is: 'done'; readonly tally: Tally; readonly growth: number }

/** Sessions until everything is compiled and warm. */
const WARM_UP = 16

const isShare = (value: unknown): value is Share =>
  typeof value === 'object' && value !== null && 'seed' in value && 'sessions' in value && 'thread' in value

/** Plays a share, one session after the other. `growth` is the heap at the end over the heap once it was warm, 1 where there was no time to tell. */
async function play({ seed, sessions, thread, threads }: Share, say: (said: Said) => void): Promise<void> {
  const counter = createCounter()
  const gauge = createHeapGauge()
  let session = thread
  let warmBytes: number | undefined
  let told = 0
  process.on('unhandledRejection', (cause) =>
    say({ is: 'broken', session, what: `a promise was rejected and nobody was told: ${stackOf(cause)}` }),
  )
  for (let played = 0; session < sessions; session += threads, played++) {
    if (played === WARM_UP) warmBytes = gauge.usedBytes()
    const what = await playSession(seed, session, counter)
    if (what !== undefined) say({ is: 'broken', session, what })
    const { frames } = counter.tally()
    say({ is: 'progress', frames: frames - told })
    told = frames
  }
  const growth = warmBytes === undefined ? 1 : gauge.usedBytes() / warmBytes
  say({ is: 'done', tally: counter.tally(), growth })
}

/** In a thread of its own: plays the share that the thread was given. Anywhere else: nothing. */
export function playShare(): void {
  const port = parentPort
  if (port && isShare(workerData)) void play(workerData, (said) => port.postMessage(said))
}
