import { parentPort, workerData } from 'node:worker_threads'
import { simulate } from '../sim/run.js'
import { talk } from './calm.js'
import { isStorm, ONLY, STEP_MS, type Storm } from './storm.js'

/** Runs inside a worker, with a defect or without: first what has to work with every mutant, then storms until one breaks a promise. */

const sayingOf = (cause: unknown): string =>
  cause instanceof Error ? `throws ${cause.name}: ${cause.message}` : `throws ${String(cause)}`

async function weather({ seed, minutes }: Storm): Promise<string | undefined> {
  try {
    // Any time at all is one stretch.
    const stretch = {
      hours: Number.MIN_VALUE,
      stretchMs: minutes * 60_000,
      stepMs: STEP_MS,
      only: ONLY,
    }
    const { broken } = await simulate({ seed, clients: 6, ...stretch, locks: seed % 2 === 0 })
    return broken?.replace(/^stretch \d+: /, '')
  } catch (cause) {
    return sayingOf(cause)
  }
}

async function calm(): Promise<string | undefined> {
  try {
    return await talk()
  } catch (cause) {
    return sayingOf(cause)
  }
}

async function probe(storms: readonly Storm[]): Promise<void> {
  parentPort?.postMessage({ calm: (await calm()) ?? null })
  for (const storm of storms) parentPort?.postMessage({ storm, broken: (await weather(storm)) ?? null })
}

const asked: unknown = workerData
if (Array.isArray(asked)) void probe(asked.filter(isStorm))
