import { Worker } from 'node:worker_threads'
import { SESSION_FRAMES } from './session.js'
import { createCounter, type Tally } from './tally.js'
import type { Said, Share } from './thread.js'

export interface RunOptions {
  /** The program itself: each thread runs it, too. */
  readonly program: URL
  readonly seed: number
  readonly frames: number
  readonly threads: number
  readonly onProgress: (frames: number) => void
  /** Told at once: a run that is ended early has said what it found. */
  readonly onBroken: (breach: Breach) => void
}

/** A session that broke a law. */
export interface Breach {
  readonly session: number
  readonly what: string
}

export interface Result {
  readonly seed: number
  readonly tally: Tally
  readonly broken: readonly Breach[]
  /** The heap of each thread at its end, over the heap once it was warm. */
  readonly growth: readonly number[]
}

/** More than this is growth: what the engine itself keeps moves by a few per cent. */
export const GROWTH_MOST = 1.25
/** One breach mostly comes with many others of its kind. */
const ENOUGH = 10

/** Plays sessions on threads until so many frames were told. */
export async function run({ program, seed, frames, threads, ...tell }: RunOptions): Promise<Result> {
  const sessions = Math.ceil(frames / SESSION_FRAMES)
  const counter = createCounter()
  const broken: Breach[] = []
  const growth: number[] = []
  let told = 0

  function breach(one: Breach): void {
    broken.push(one)
    tell.onBroken(one)
  }

  function play(thread: number): Promise<void> {
    const workerData: Share = { seed, sessions, thread, threads }
    const worker = new Worker(program, { workerData })
    return new Promise((resolve, reject) => {
      let isDone = false
      worker.on('message', (said: Said) => {
        if (said.is === 'progress') {
          told += said.frames
          tell.onProgress(told)
        } else if (said.is === 'broken') {
          breach({ session: said.session, what: said.what })
          if (broken.length >= ENOUGH) void worker.terminate()
        } else {
          isDone = true
          counter.add(said.tally)
          growth.push(said.growth)
        }
      })
      worker.once('error', reject)
      worker.once('exit', () => {
        // A session whose promises wait for each other leaves nothing to run.
        if (isDone || broken.length > 0) resolve()
        else reject(new Error(`Thread ${thread} of ${threads} came to a standstill.`))
      })
    })
  }

  await Promise.all(Array.from({ length: threads }, (_, thread) => play(thread)))
  for (const ratio of growth)
    if (ratio > GROWTH_MOST)
      breach({ session: sessions, what: `growth: the heap is ${ratio.toFixed(2)} times what it was` })
  return { seed, tally: counter.tally(), broken, growth }
}
