import { parseArgs } from 'node:util'
import { namesOf } from '../sim/dice.js'
import { FAULTS } from './faults.js'
import type { Point } from './points.js'
import { report, type SceneTally, tallyOf } from './report.js'
import { type Case, caseNamed, casesOf, discover, nameOf, runCase } from './run.js'
import type { Scene } from './scene.js'
import { scenes } from './scenes/index.js'
import { inThreads } from './threads.js'
import type { Outcome } from './work.js'

export { work } from './work.js'

const HELP = `Plays conversations in which one fault strikes at one moment, for every moment at which something is awaited.

Usage: npm run matrix -- [options]

  --scene NAME   Only this scene; several times for several.
  --list         Prints the scenes and every point in them, and plays nothing.
  --case NAME    Plays one case (POINT@FAULT) and prints what happens.
  --json         Prints the result as JSON and nothing else.

Faults:
${namesOf(FAULTS)
  .map((name) => `  ${name.padEnd(14)} ${FAULTS[name].about}`)
  .join('\n')}

Exit: 0 every promise held; 1 one was broken; 3 it could not run.
`

const chosen = (names: readonly string[]): readonly Scene[] => {
  const unknown = names.find((name) => !scenes.some((scene) => scene.name === name))
  if (unknown !== undefined) throw new Error(`There is no scene "${unknown}": see --list.`)
  return scenes.filter(({ name }) => names.length === 0 || names.includes(name))
}

/** A scene with the points that a run of it met. */
interface Found {
  readonly scene: Scene
  readonly points: readonly Point[]
}

async function find(names: readonly string[]): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const scene of chosen(names)) found.push({ scene, points: await discover(scene) })
  return found
}

const list = (found: readonly Found[]): string =>
  found
    .map(({ scene, points }) =>
      [`${scene.name}: ${scene.about}`, ...points.map(({ name }) => `  ${name}`)].join('\n'),
    )
    .join('\n\n')

function tallyScene({ scene, points }: Found, outcomes: ReadonlyMap<string, Outcome>): SceneTally {
  const played: readonly Case[] = casesOf(scene, points).filter((each) => outcomes.has(nameOf(each)))
  const kinds = [...new Set(points.map(({ kind }) => kind))]
  return {
    ...{ scene: scene.name, points: points.length, kinds },
    missing: scene.must.filter((kind) => !kinds.includes(kind)),
    cases: Object.fromEntries(
      namesOf(FAULTS).map((fault) => [fault, played.filter((each) => each.fault === fault).length]),
    ),
    broken: played.flatMap((each) => {
      const { name, why } = outcomes.get(nameOf(each)) ?? { name: '', why: undefined }
      return why === undefined ? [] : { name, why }
    }),
  }
}

async function playAll(names: readonly string[], isJson: boolean): Promise<number> {
  const found = await find(names)
  const cases = found.flatMap(({ scene, points }) => casesOf(scene, points).map(nameOf))
  const outcomes = new Map<string, Outcome>()
  await inThreads(import.meta.url, cases, (outcome) => outcomes.set(outcome.name, outcome))
  const tally = tallyOf(found.map((each) => tallyScene(each, outcomes)))
  console.log(isJson ? JSON.stringify(tally) : report(tally))
  return tally.broken.length === 0 && tally.scenes.every(({ missing }) => missing.length === 0) ? 0 : 1
}

async function replay(name: string): Promise<number> {
  const broken = await runCase(caseNamed(name, scenes), { print: (line) => console.log(line) })
  console.log(broken === undefined ? 'Every promise held.' : `BROKEN ${broken}`)
  return broken === undefined ? 0 : 1
}

/** Runs the matrix as a program and gives its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        scene: { type: 'string', multiple: true, default: [] },
        list: { type: 'boolean', default: false },
        case: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) console.log(HELP)
    else if (values.list) console.log(list(await find(values.scene)))
    else if (values.case !== undefined) return await replay(values.case)
    else return await playAll(values.scene, values.json)
    return 0
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return 3
  }
}
