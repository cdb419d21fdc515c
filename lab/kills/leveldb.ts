import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/*
 * Chromium keeps IndexedDB in LevelDB. A log of it is blocks of 32 KiB, filled with records: a checksum of four bytes, the length of what
 * follows in two, the kind in one, and what follows (google/leveldb, doc/log_format.md). Header and content are written one after the
 * other, and content page by page: a kill in between leaves a part of a record at the end.
 */
const BLOCK = 32_768
const HEADER = 7
const LENGTH_AT = 4
const FULL_RECORD = 1

/** The log that is written now, of the only origin that a profile of the trials has. Undefined where there is none. */
function logOf(profile: string): string | undefined {
  const databases = join(profile, 'Default/IndexedDB')
  if (!existsSync(databases)) return undefined
  return readdirSync(databases, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.log'))
    .sort()
    .map((path) => join(databases, path))
    .at(-1)
}

/** Whether the last record of a log is there in part only. */
export function endsTorn(log: Uint8Array): boolean {
  const bytes = new DataView(log.buffer, log.byteOffset, log.byteLength)
  let at = 0
  while (at < log.length) {
    const left = BLOCK - (at % BLOCK)
    // What is too short for a header is left empty.
    if (left < HEADER) at += left
    else if (log.length - at < HEADER) return true
    else at += HEADER + bytes.getUint16(at + LENGTH_AT, true)
  }
  return at > log.length
}

/** A header that says that 300 bytes follow, for the end of a log of this length. */
export function tornRecord(length: number): Uint8Array {
  const left = BLOCK - (length % BLOCK)
  const at = left < HEADER ? left : 0
  const record = new Uint8Array(at + HEADER)
  new DataView(record.buffer).setUint16(at + LENGTH_AT, 300, true)
  record[at + HEADER - 1] = FULL_RECORD
  return record
}

/** Leaves the log of a profile as a kill in the middle of a record does. False where this Chromium keeps no such log. */
export function tearLog(profile: string): boolean {
  const log = logOf(profile)
  if (log === undefined) return false
  const bytes = readFileSync(log)
  // This kill may have done it by itself.
  if (!endsTorn(bytes)) appendFileSync(log, tornRecord(bytes.length))
  return true
}
