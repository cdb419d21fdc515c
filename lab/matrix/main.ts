import { parseArgs } from 'node:util'
import { namesOf } from '../sim/dice.js'
import { FAULTS } from './faults.js'
import { type Found, findPoints, playAll } from './matrix.js'
import { report } from './report.js'
import { caseNamed, runCase } from './run.js'
import { scenes } from './scenes/index.js'

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

const list = (found: readonly Found[]): string =>
  found
    .map(({ scene, points }) =>
      [`${scene.name}: ${scene.about}`, ...points.map(({ name }) => `  ${name}`)].join('\n'),
    )
    .join('\n\n')

async function all(names: readonly string[], isJson: boolean): Promise<number> {
  const tally = await playAll(names, new URL('./work.js', import.meta.url).href)
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
    else if (values.list) console.log(list(await findPoints(values.scene)))
    else if (values.case !== undefined) return await replay(values.case)
    else return await all(values.scene, values.json)
    return 0
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return 3
  }
}
