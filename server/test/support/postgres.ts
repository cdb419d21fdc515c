import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { freePort } from '../../../lab/replay/free-port.js'

/** A PostgreSQL of a test's own, in this process. */
export interface PostgresServer {
  readonly url: string
  /** Empties the tables of the archive. */
  empty(): Promise<void>
  /** Runs any statements. */
  run(text: string): Promise<void>
  stop(): Promise<void>
}

/** Connections at once: each archive that a test opens has one. */
const CONNECTIONS = 8

export async function startPostgres(): Promise<PostgresServer> {
  const db = await PGlite.create()
  const port = await freePort()
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: CONNECTIONS })
  await server.start()
  const run = async (text: string) => void (await db.exec(text))
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    run,
    empty: () => run('TRUNCATE tidings_entries, tidings_rooms'),
    async stop() {
      await server.stop()
      await db.close()
    },
  }
}
