import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isStorm, type Storm } from './storm.js'

/** What is known of a mutant that was killed. */
export interface Kill {
  /** The promise that was broken: the number of the invariant, or how the run ended. */
  readonly promise: string
  /** What showed it, in the first of the storms. */
  readonly says: string
  /** Storms that kill it. The first is replayed; the others are there for the day on which it does not any more. */
  readonly storms: readonly Storm[]
}

export type Kills = Readonly<Record<string, Kill>>

const fileOf = (root: string): string => join(root, 'lab/mutants/killed.json')

const isKill = (value: unknown): value is Kill => {
  if (typeof value !== 'object' || value === null) return false
  const storms: unknown = Reflect.get(value, 'storms')
  return (
    typeof Reflect.get(value, 'promise') === 'string' &&
    typeof Reflect.get(value, 'says') === 'string' &&
    Array.isArray(storms) &&
    storms.length > 0 &&
    storms.every(isStorm)
  )
}

/** The promise that a saying names: an invariant of the simulation, or the word for another end. */
export const promiseOf = (says: string): string => /^([IL]\d+|throws|hangs|ends)\b/.exec(says)?.[1] ?? 'other'

/** What the last searches found, by the name of the mutant. */
export async function readKills(root: string): Promise<Kills> {
  const read: unknown = JSON.parse(await readFile(fileOf(root), 'utf8'))
  if (typeof read !== 'object' || read === null) return {}
  return Object.fromEntries(Object.entries(read).filter((row): row is [string, Kill] => isKill(row[1])))
}

/** Written by the search alone. In the order of the names given, so that a later search changes what it has found and no more. */
export async function writeKills(root: string, kills: Kills, names: readonly string[]): Promise<void> {
  const rows = names.flatMap((name) => (kills[name] ? [[name, kills[name]] as const] : []))
  await writeFile(fileOf(root), `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`)
}
