import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** The statements that make an archive's tables, where they are missing: a file of the package. */
export const readTables = (): Promise<string> =>
  readFile(createRequire(import.meta.url).resolve('tidings-server/archive.sql'), 'utf8')
