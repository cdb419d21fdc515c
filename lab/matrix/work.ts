import { parentPort } from 'node:worker_threads'
import { caseNamed, runCase } from './run.js'
import { scenes } from './scenes/index.js'

/** What came of a case. */
export interface Outcome {
  readonly name: string
  /** The promise that was broken. */
  readonly why: string | undefined
}

/** A thread's life: plays the cases that it is told, and tells what came of each. */
export function work(): void {
  const port = parentPort
  if (!port) throw new Error('This is no thread.')
  port.on('message', async (names: readonly string[]) => {
    // A case that waits for ever lets the thread end, which is noticed; waiting for the next words would hide it.
    port.unref()
    for (const name of names) port.postMessage({ name, why: await runCase(caseNamed(name, scenes)) })
    port.ref()
  })
}
