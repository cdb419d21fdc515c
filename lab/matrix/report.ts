import { namesOf } from '../sim/dice.js'
import { FAULTS, type FaultName } from './faults.js'
import type { Kind } from './points.js'

/** A case in which a promise was broken. */
export interface BrokenCase {
  readonly name: string
  readonly why: string
}

/** What came of one scene. */
export interface SceneTally {
  readonly scene: string
  readonly points: number
  /** What is awaited there. */
  readonly kinds: readonly Kind[]
  /** Kinds of points that belong to the scene and were not found. */
  readonly missing: readonly Kind[]
  /** Cases that were played, by fault. */
  readonly cases: Readonly<Partial<Record<FaultName, number>>>
  readonly broken: readonly BrokenCase[]
}

/** What came of all of them. */
export interface Tally {
  readonly scenes: readonly SceneTally[]
  readonly points: number
  readonly cases: number
  readonly broken: readonly BrokenCase[]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

export const tallyOf = (scenes: readonly SceneTally[]): Tally => ({
  scenes,
  points: sum(scenes.map(({ points }) => points)),
  cases: sum(scenes.flatMap(({ cases }) => Object.values(cases))),
  broken: scenes.flatMap(({ broken }) => broken),
})

const WIDE = 16
const NARROW = 8
const row = (first: string, cells: readonly (string | number)[]): string =>
  first.padEnd(WIDE) + cells.map((cell) => String(cell).padStart(NARROW)).join('')

/** One line a scene. */
function table({ scenes, points, broken }: Tally): string {
  const faults = namesOf(FAULTS)
  return [
    row('scene', ['points', ...faults, 'broken']),
    ...scenes.map((each) =>
      row(each.scene, [each.points, ...faults.map((fault) => each.cases[fault] ?? 0), each.broken.length]),
    ),
    row('all', [
      points,
      ...faults.map((fault) => sum(scenes.map(({ cases }) => cases[fault] ?? 0))),
      broken.length,
    ]),
  ].join('\n')
}

/** For people. */
export function report(tally: Tally): string {
  const { scenes, points, cases, broken } = tally
  return [
    table(tally),
    `${cases} cases at ${points} points of ${scenes.length} scenes.`,
    ...scenes.flatMap(({ scene, missing }) =>
      missing.length > 0 ? `${scene} waits nowhere for: ${missing.join(', ')}` : [],
    ),
    ...broken.map(({ name, why }) => `BROKEN ${name}\n  ${why}`),
    broken.length === 0 ? 'Every promise held.' : `${broken.length} cases broke a promise.`,
  ].join('\n')
}
