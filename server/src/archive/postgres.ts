import type { Value } from '../log/sqlite-driver.js'
import type { Archive } from './seam.js'
import { createSqlArchive, type Statements } from './sql.js'
import { readTables } from './tables.js'

export interface PostgresArchiveOptions {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: string
  /** Connections at most. Default 4. */
  readonly connections?: number
}

const CONNECTIONS = 4
/** Seconds: who reads history waits for it. */
const CONNECT_S = 5
/** Who makes tables at the same moment waits for the other: a number that means this to all tidings servers. */
const TABLES_LOCK = 7_437_201
/** PostgreSQL's type `bigint`, which positions and times are: as numbers they are exact for as long as anybody writes. */
const BIGINT = 20

async function importClient() {
  try {
    return (await import('postgres')).default
  } catch {
    throw new Error('The optional package postgres is not installed. Run npm install postgres.')
  }
}

/** `?` as PostgreSQL numbers its places. */
const numbered = (text: string): string => {
  let count = 0
  return text.replace(/\?/g, () => `$${++count}`)
}

/** An archive in PostgreSQL. Rejects when the database cannot be reached. Makes its tables where they are missing (`sql/archive.sql`). */
export async function createPostgresArchive(options: PostgresArchiveOptions): Promise<Archive> {
  const { url, connections = CONNECTIONS } = options
  const connect = await importClient()
  const sql = connect(url, {
    max: connections,
    connect_timeout: CONNECT_S,
    // Nobody reads "already exists" at every start.
    onnotice: () => {},
    types: {
      bigint: { to: BIGINT, from: [BIGINT], parse: Number, serialize: (number: number) => String(number) },
    },
  })
  type Unsafe = Pick<typeof sql, 'unsafe'>
  const statementsOn = (connection: Unsafe): Statements => {
    const ask = (text: string, values: readonly Value[]) =>
      connection.unsafe(numbered(text), [...values], { prepare: true })
    return {
      all: async (text, ...values) => [...(await ask(text, values))],
      run: async (text, ...values) => (await ask(text, values)).count,
    }
  }
  try {
    const tables = await readTables()
    await sql.begin(async (transaction) => {
      await transaction`SELECT pg_advisory_xact_lock(${TABLES_LOCK})`
      await transaction.unsafe(tables)
    })
  } catch (cause) {
    await sql.end({ timeout: 0 })
    throw cause
  }
  return createSqlArchive({
    ...statementsOn(sql),
    transact: (work) => sql.begin((transaction) => work(statementsOn(transaction))),
    close: () => sql.end({ timeout: 5 }),
  })
}
