import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { addChronicle, type Chronicle, createChronicle } from './chronicle.js'
import type { SimOptions, Tally } from './run.js'
import { createTrace } from './trace.js'

/** What several seeds came to. */
export interface Night {
  readonly chronicle: Chronicle
  /** What each seed that broke a promise says. */
  readonly broken: readonly string[]
  /** The hashes of all traces, in the order of their seeds, as one. */
  readonly hash: string
}

export interface NightOptions extends Pick<SimOptions, 'clients' | 'mode'> {
  /** The first of them; the others follow. */
  readonly seed: number
  readonly seeds: number
  /** Client-hours over all seeds. */
  readonly hours: number
  /** Told of each seed when it is over. */
  readonly onSeed: (tally: Tally) => void
}

/** What a thread is asked to play. */
export type Play = Pick<SimOptions, 'seed' | 'hours' | 'clients' | 'mode'>

const isTally = (value: unknown): value is Tally =>
  typeof value === 'object' && value !== null && 'chronicle' in value

/** Plays a seed in a thread of its own. */
function playApart(play: Play): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: play })
    worker.once('message', (said: unknown) => {
      if (isTally(said)) resolve(said)
      void worker.terminate()
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`The thread of seed ${play.seed} ended with ${code}.`)))
  })
}

/** Plays many seeds, as many at once as there are cores. Stops beginning new ones when a promise is broken. */
export async function playNight(options: NightOptions): Promise<Night> {
  const { seed: first, seeds, hours, clients, mode, onSeed } = options
  const left = Array.from({ length: seeds }, (_, i) => first + i)
  const tallies: Tally[] = []
  async function player(): Promise<void> {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const tally = await playApart({ seed, hours: hours / seeds, clients, ...(mode && { mode }) })
      tallies.push(tally)
      onSeed(tally)
      if (tally.broken !== undefined) left.length = 0
    }
  }
  await Promise.all(Array.from({ length: Math.min(seeds, availableParallelism()) }, player))
  tallies.sort((a, b) => a.seed - b.seed)
  const chronicle = createChronicle()
  const trace = createTrace()
  for (const tally of tallies) {
    addChronicle(chronicle, tally.chronicle)
    trace.note(tally.hash)
  }
  const broken = tallies.flatMap(({ seed, broken: says }) =>
    says === undefined ? [] : `seed ${seed}, ${says}`,
  )
  return { chronicle, broken, hash: trace.hash() }
}
