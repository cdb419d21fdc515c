import { openDatabase, type Query } from '../log/sqlite-driver.js'
import type { SqliteOptions } from '../log/sqlite-engine.js'
import type { Row } from '../log/store.js'
import type { Archive, ArchiveBatch, Archived } from './seam.js'
import { createSqlArchive, type SqlDatabase, type Statements } from './sql.js'
import { readTables } from './tables.js'

/** What the owner of an archive's file is asked. */
export type ArchiveRequest =
  | { readonly is: 'end'; readonly room: string }
  | { readonly is: 'store'; readonly batch: ArchiveBatch }
  | { readonly is: 'range'; readonly room: string; readonly from: number; readonly to: number }
  | { readonly is: 'find'; readonly room: string; readonly messageId: string }
  | { readonly is: 'close' }

export type ArchiveAnswer =
  | { readonly is: 'end'; readonly end: Archived | undefined }
  | { readonly is: 'store'; readonly stored: boolean }
  | { readonly is: 'rows'; readonly rows: readonly Row[] }
  | { readonly is: 'close' }

const changesOf = (result: unknown): number => Number(Reflect.get(Object(result), 'changes'))

async function openTables({ file, synchronous }: SqliteOptions): Promise<SqlDatabase> {
  const database = await openDatabase(file)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(`PRAGMA synchronous = ${synchronous}`)
  database.exec('PRAGMA busy_timeout = 5000')
  database.exec(await readTables())
  const prepared = new Map<string, Query>()
  const prepare = (text: string): Query => {
    const query = prepared.get(text) ?? database.prepare(text)
    prepared.set(text, query)
    return query
  }
  const statements: Statements = {
    all: async (text, ...values) => prepare(text).all(...values),
    run: async (text, ...values) => changesOf(prepare(text).run(...values)),
  }
  return {
    ...statements,
    async transact(work) {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = await work(statements)
        database.exec('COMMIT')
        return result
      } catch (cause) {
        try {
          database.exec('ROLLBACK')
        } catch {
          // SQLite has rolled back by itself, as it does when the disk is full.
        }
        throw cause
      }
    },
    close: async () => void database.close(),
  }
}

async function answer(archive: Archive, request: ArchiveRequest): Promise<ArchiveAnswer> {
  switch (request.is) {
    case 'end':
      return { is: 'end', end: await archive.end(request.room) }
    case 'store':
      return { is: 'store', stored: await archive.store(request.batch) }
    case 'range':
      return { is: 'rows', rows: await archive.range(request.room, request.from, request.to) }
    case 'find': {
      const found = await archive.find(request.room, request.messageId)
      return { is: 'rows', rows: found ? [found] : [] }
    }
    case 'close':
      await archive.close()
      return { is: 'close' }
  }
}

/** What was asked last in this thread. */
let last: Promise<unknown> = Promise.resolve()

/**
 * Owns the file of an archive and answers, one question after the other: a transaction has the connection for itself, and SQLite waits
 * for a lock of the file without letting go of the thread, in which the one who has it may want to go on.
 */
export async function openArchiveEngine(
  options: SqliteOptions,
): Promise<(request: ArchiveRequest) => Promise<ArchiveAnswer>> {
  const archive = createSqlArchive(await openTables(options))
  return (request) => {
    const answered = last.then(() => answer(archive, request))
    last = answered.catch(() => undefined)
    return answered
  }
}
