/** The few calls that both SQLite drivers have in common. Synchronous: they run in a thread of their own. */
export type Value = string | number | null
export interface Query {
  run(...values: Value[]): unknown
  get(...values: Value[]): unknown
  all(...values: Value[]): readonly unknown[]
}
export interface Database {
  exec(sql: string): unknown
  prepare(sql: string): Query
  close(): unknown
}

const isDatabase = (value: unknown): value is Database =>
  typeof value === 'object' &&
  value !== null &&
  ['exec', 'prepare', 'close'].every((method) => typeof Reflect.get(value, method) === 'function')

function construct(driver: unknown, file: string): Database | undefined {
  if (typeof driver !== 'function') return undefined
  const database: unknown = Reflect.construct(driver, [file])
  return isDatabase(database) ? database : undefined
}

/** What Node brings itself: not in Node 20, with a flag in early 22, always in 24. */
function builtIn(): unknown {
  const sqlite: unknown = process.getBuiltinModule('node:sqlite')
  return typeof sqlite === 'object' && sqlite !== null ? Reflect.get(sqlite, 'DatabaseSync') : undefined
}

async function installed(): Promise<unknown> {
  try {
    const libsql: { readonly default: unknown } = await import('libsql')
    return libsql.default
  } catch {
    return undefined
  }
}

/** Opens a database file, by the driver that is there. */
export async function openDatabase(file: string): Promise<Database> {
  const database = construct(builtIn() ?? (await installed()), file)
  if (!database)
    throw new Error(
      'No SQLite here: this version of Node has no node:sqlite, and the optional package libsql is not installed. Use Node 24, or run npm install libsql.',
    )
  return database
}
