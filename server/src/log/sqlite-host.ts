import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { messageOf, type SqliteOptions } from './sqlite-engine.js'

/** Owns a database file and answers questions. */
export type Engine<Request, Answer> = (request: Request) => Answer | Promise<Answer>

/** What the thread is told when it starts: which engine runs in it. */
export interface ThreadOptions extends SqliteOptions {
  readonly keeps: 'log' | 'archive'
}

/** Messages of the thread: first whether the file could be opened, then an answer for each question. */
export type Reply<Answer> =
  | { readonly is: 'ready' }
  | { readonly is: 'unopened'; readonly why: string }
  | Answered<Answer>
type Answered<Answer> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly failed: string }

/** Where the engine runs: elsewhere, or here. */
export interface SqliteHost<Request, Answer> {
  /** Rejects when the engine cannot answer. Questions are answered in the order they were asked. */
  ask(request: Request): Promise<Answer>
  end(): Promise<void>
}

interface Asked<Answer> {
  readonly resolve: (answer: Answer) => void
  readonly reject: (cause: Error) => void
}

/** The built worker beside this file; there is none while the server runs from its TypeScript sources. */
const builtWorker = (): URL | undefined => {
  const url = new URL('./sqlite-worker.js', import.meta.url)
  return existsSync(url) ? url : undefined
}

/**
 * Opens the engine in a thread, or, where no worker is built, in this one by `open`: slower under load, the same otherwise.
 * `failed` is told when the thread ends by itself; nothing is answered afterwards.
 */
export async function startSqliteHost<Request, Answer>(
  options: ThreadOptions,
  open: (options: SqliteOptions) => Promise<Engine<Request, Answer>>,
  failed: (cause: Error) => void,
  worker: URL | undefined = builtWorker(),
): Promise<SqliteHost<Request, Answer>> {
  return worker ? startThread(worker, options, failed) : startHere(await open(options))
}

const startHere = <Request, Answer>(engine: Engine<Request, Answer>): SqliteHost<Request, Answer> => ({
  ask: async (request) => engine(request),
  end: async () => {},
})

function startThread<Request, Answer>(
  url: URL,
  workerData: ThreadOptions,
  failed: (cause: Error) => void,
): Promise<SqliteHost<Request, Answer>> {
  const worker = new Worker(url, { workerData })
  const waiting = new Map<number, Asked<Answer>>()
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
  const answered = (reply: Answered<Answer>) => {
    const asked = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('answer' in reply) asked?.resolve(reply.answer)
    else asked?.reject(new Error(reply.failed))
  }
  const host: SqliteHost<Request, Answer> = {
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
    worker.on('message', (reply: Reply<Answer>) => {
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
