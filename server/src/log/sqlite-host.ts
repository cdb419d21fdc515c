import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import {
  type Answer,
  messageOf,
  openSqliteEngine,
  type Request,
  type SqliteOptions,
} from './sqlite-engine.js'

/** Messages of the thread: first whether the file could be opened, then an answer for each question. */
export type Reply = { readonly is: 'ready' } | { readonly is: 'unopened'; readonly why: string } | Answered
type Answered =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly failed: string }

/** Where the engine runs: elsewhere, or here. */
export interface SqliteHost {
  /** Rejects when the engine cannot answer. Questions are answered in the order they were asked. */
  ask(request: Request): Promise<Answer>
  end(): Promise<void>
}

interface Asked {
  readonly resolve: (answer: Answer) => void
  readonly reject: (cause: Error) => void
}

/** The built worker beside this file; there is none while the server runs from its TypeScript sources. */
const builtWorker = (): URL | undefined => {
  const url = new URL('./sqlite-worker.js', import.meta.url)
  return existsSync(url) ? url : undefined
}

/**
 * Opens the engine in a thread, or, where no worker is built, in this one: slower under load, the same otherwise.
 * `failed` is told when the thread ends by itself; nothing is answered afterwards.
 */
export async function startSqliteHost(
  options: SqliteOptions,
  failed: (cause: Error) => void,
  worker: URL | undefined = builtWorker(),
): Promise<SqliteHost> {
  return worker ? startThread(worker, options, failed) : startHere(options)
}

async function startHere(options: SqliteOptions): Promise<SqliteHost> {
  const engine = await openSqliteEngine(options)
  return {
    ask: async (request) => engine(request),
    end: async () => {},
  }
}

function startThread(
  url: URL,
  workerData: SqliteOptions,
  failed: (cause: Error) => void,
): Promise<SqliteHost> {
  const worker = new Worker(url, { workerData })
  const waiting = new Map<number, Asked>()
  let count = 0
  let broken: Error | undefined
  let ending = false

  const fail = (cause: Error) => {
    if (broken) return
    broken = cause
    for (const { reject } of waiting.values()) reject(cause)
    waiting.clear()
    if (!ending) failed(cause)
  }
  const answered = (reply: Answered) => {
    const asked = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('answer' in reply) asked?.resolve(reply.answer)
    else asked?.reject(new Error(reply.failed))
  }
  const host: SqliteHost = {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (broken) {
          reject(broken)
          return
        }
        count += 1
        waiting.set(count, { resolve, reject })
        worker.postMessage({ id: count, request })
      }),
    async end() {
      ending = true
      await worker.terminate()
    },
  }
  return new Promise((resolve, reject) => {
    worker.on('message', (reply: Reply) => {
      if ('id' in reply) answered(reply)
      else if (reply.is === 'ready') resolve(host)
      else {
        ending = true
        reject(new Error(reply.why))
      }
    })
    worker.on('error', (cause) => {
      fail(new Error(messageOf(cause)))
      reject(cause)
    })
    worker.on('exit', () => fail(new Error('The thread of the log has ended.')))
  })
}
