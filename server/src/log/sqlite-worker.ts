import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, openSqliteEngine, type Request, type SqliteOptions } from './sqlite-engine.js'
import type { Reply } from './sqlite-host.js'

/** The thread that owns the database file: commits wait for the disk, and the event loop of the server must not. */
const options: SqliteOptions = workerData
const port = parentPort
if (!port) throw new Error('This file is started as a worker.')
const reply = (message: Reply) => port.postMessage(message)

try {
  const engine = await openSqliteEngine(options)
  port.on('message', ({ id, request }: { readonly id: number; readonly request: Request }) => {
    try {
      reply({ id, answer: engine(request) })
    } catch (cause) {
      reply({ id, failed: messageOf(cause) })
    }
    if (request.is === 'close') port.close()
  })
  reply({ is: 'ready' })
} catch (cause) {
  reply({ is: 'unopened', why: messageOf(cause) })
  port.close()
}
