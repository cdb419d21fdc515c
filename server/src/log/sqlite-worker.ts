import { parentPort, workerData } from 'node:worker_threads'
import { openArchiveEngine } from '../archive/sqlite-engine.js'
import { messageOf, openSqliteEngine } from './sqlite-engine.js'
import type { Reply, ThreadOptions } from './sqlite-host.js'

/** The thread that owns a database file: commits wait for the disk, and the event loop of the server must not. */
const options: ThreadOptions = workerData
const port = parentPort
if (!port) throw new Error('This file is started as a worker.')
const reply = (message: Reply<unknown>) => port.postMessage(message)

async function serve<Request extends { readonly is: string }>(
  open: Promise<(request: Request) => unknown>,
): Promise<void> {
  const engine = await open
  port?.on('message', async ({ id, request }: { readonly id: number; readonly request: Request }) => {
    try {
      reply({ id, answer: await engine(request) })
    } catch (cause) {
      reply({ id, failed: messageOf(cause) })
    }
    if (request.is === 'close') port.close()
  })
  reply({ is: 'ready' })
}

try {
  await (options.keeps === 'log' ? serve(openSqliteEngine(options)) : serve(openArchiveEngine(options)))
} catch (cause) {
  reply({ is: 'unopened', why: messageOf(cause) })
  port.close()
}
