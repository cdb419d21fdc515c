import { startSqliteHost } from '../log/sqlite-host.js'
import type { Archive } from './seam.js'
import { openArchiveEngine } from './sqlite-engine.js'

export interface SqliteArchiveOptions {
  /** The database file; made when there is none. Its folder must exist. */
  readonly file: string
  /** FULL (default): what was stored survives a power cut. NORMAL: only a crash of the process. */
  readonly synchronous?: 'FULL' | 'NORMAL'
  /** Told when the archive has ended by itself and answers nothing any more. */
  readonly failed?: (cause: Error) => void
  /** The built worker, where it does not lie beside this module. */
  readonly worker?: URL
}

const unexpected = (): never => {
  throw new Error('The archive answered something else.')
}

/** An archive in an SQLite file, which all servers of one machine may share. Rejects when the file cannot be opened. */
export async function createSqliteArchive(options: SqliteArchiveOptions): Promise<Archive> {
  const { file, synchronous = 'FULL', failed = () => {}, worker } = options
  const host = await startSqliteHost(
    { file, synchronous, keeps: 'archive' },
    openArchiveEngine,
    failed,
    worker,
  )
  return {
    async end(room) {
      const answer = await host.ask({ is: 'end', room })
      return answer.is === 'end' ? answer.end : unexpected()
    },
    async store(batch) {
      const answer = await host.ask({ is: 'store', batch })
      return answer.is === 'store' ? answer.stored : unexpected()
    },
    async range(room, from, to) {
      const answer = await host.ask({ is: 'range', room, from, to })
      return answer.is === 'rows' ? answer.rows : unexpected()
    },
    async find(room, messageId) {
      const answer = await host.ask({ is: 'find', room, messageId })
      return answer.is === 'rows' ? answer.rows[0] : unexpected()
    },
    async close() {
      // A thread that has ended by itself has nothing left to close.
      await host.ask({ is: 'close' }).catch(() => undefined)
      await host.end()
    },
  }
}
