import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Outcome } from './work.js'

/** Cases that a thread takes at once: many enough to be worth the words, few enough that all threads end together. */
const SHARE = 40

/** What a thread does before anything else: it loads the module and waits for work. */
const THREAD = `
const { workerData } = require('node:worker_threads')
import(workerData).then(({ work }) => work())
`

/**
 * Plays cases on every core and tells of each. `work` is the address of the module of that name. Rejects when a thread ends early,
 * as it does when a case waits for something that never comes.
 */
export async function inThreads(
  work: string,
  names: readonly string[],
  tell: (outcome: Outcome) => void,
): Promise<void> {
  const left = [...names]
  const thread = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(THREAD, { eval: true, workerData: work })
      let waiting: string[] = []
      let done = false
      function next(): void {
        waiting = left.splice(0, SHARE)
        done = waiting.length === 0
        if (done) resolve(worker.terminate().then(() => undefined))
        else worker.postMessage(waiting)
      }
      worker.on('message', (outcome: Outcome) => {
        waiting = waiting.filter((name) => name !== outcome.name)
        tell(outcome)
        if (waiting.length === 0) next()
      })
      worker.on('error', reject)
      worker.on('exit', () => {
        if (!done) reject(new Error(`A thread ended in the middle of ${waiting[0]}: something never comes.`))
      })
      next()
    })
  await Promise.all(Array.from({ length: availableParallelism() }, thread))
}
