import { namesOf } from '../sim/dice.js'
import { FAULTS } from './faults.js'
import type { Point } from './points.js'
import { type SceneTally, type Tally, tallyOf } from './report.js'
import { casesOf, discover, nameOf } from './run.js'
import type { Scene } from './scene.js'
import { scenes } from './scenes/index.js'
import { inThreads } from './threads.js'
import type { Outcome } from './work.js'

/** A scene with the points that a run of it met. */
export interface Found {
  readonly scene: Scene
  readonly points: readonly Point[]
}

/** Plays scenes without faults, and gives what they wait for. All of them, unless some are named. */
export async function findPoints(names: readonly string[]): Promise<readonly Found[]> {
  const unknown = names.find((name) => !scenes.some((scene) => scene.name === name))
  if (unknown !== undefined) throw new Error(`There is no scene "${unknown}": see --list.`)
  const found: Found[] = []
  for (const scene of scenes)
    if (names.length === 0 || names.includes(scene.name)) found.push({ scene, points: await discover(scene) })
  return found
}

function tallyScene({ scene, points }: Found, outcomes: ReadonlyMap<string, Outcome>): SceneTally {
  const played = casesOf(scene, points).flatMap((each) => {
    const outcome = outcomes.get(nameOf(each))
    return outcome ? { fault: each.fault, ...outcome } : []
  })
  const kinds = [...new Set(points.map(({ kind }) => kind))]
  const count = (fault: string) => played.filter((each) => each.fault === fault).length
  return {
    scene: scene.name,
    points: points.length,
    kinds,
    missing: scene.must.filter((kind) => !kinds.includes(kind)),
    cases: Object.fromEntries(namesOf(FAULTS).map((fault) => [fault, count(fault)])),
    broken: played.flatMap(({ name, why }) => (why === undefined ? [] : { name, why })),
  }
}

/** Plays every fault at every point, on every core. `work` is the address of the module of that name, as threads load it. */
export async function playAll(names: readonly string[], work: string): Promise<Tally> {
  const found = await findPoints(names)
  const cases = found.flatMap(({ scene, points }) => casesOf(scene, points).map(nameOf))
  const outcomes = new Map<string, Outcome>()
  await inThreads(work, cases, (outcome) => outcomes.set(outcome.name, outcome))
  return tallyOf(found.map((each) => tallyScene(each, outcomes)))
}
