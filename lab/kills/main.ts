import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isClean, STAGES } from './judge.js'
import { SCENES } from './plan.js'
import { countStages, missedOf, playTrials, type Result } from './run.js'

const HELP = `Kills a whole Chromium in the middle of writing, again and again, and looks what became of every message.

Usage: npm run test:kills -- [options]

  --trials NUMBER   How many browsers are killed. Default 50.
  --seed NUMBER     Of what is written, and of the moments. Default 1.
  --json            Prints the result as JSON and nothing else.

After three in ten, the browser's own log is left torn in the middle of a record, as some kills leave it.

Chromium is found as for the other tests; CHROMIUM_PATH names another one. What went wrong is kept, and its folder is named.
Exit: 0 nothing is lost, doubled or out of order; 1 something is; 2 the moments were too much alike to prove anything; 3 it could not run.
`

/** The page of the trials, as it is built beside this program. */
const pages = fileURLToPath(new URL('page', import.meta.url))

/** Fewer than this cannot be asked to meet every stage. */
const ENOUGH_TRIALS = 25

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!/^\d{1,7}$/.test(text) || value < least)
    throw new Error(`--${name} takes a whole number from ${least}, not "${text}".`)
  return value
}

/** A line for each scene: how many of its trials fell into each stage. */
const table = ({ outcomes }: Result): string => {
  const row = (name: string, cells: readonly (string | number)[]) =>
    `  ${name.padEnd(12)}${cells.map((cell) => String(cell).padStart(9)).join('')}`
  const rows = SCENES.map((scene) => {
    const counts = countStages(outcomes.filter((outcome) => outcome.scene === scene))
    return row(
      scene,
      STAGES.map((stage) => counts[stage]),
    )
  })
  return [row('', STAGES), ...rows].join('\n')
}

const report = (result: Result): string =>
  [
    `${result.outcomes.length} browsers killed in ${result.seconds} s. ${result.written} messages written, ${result.queued} of them queued before a kill.`,
    `The browser's log was torn after ${result.torn} kills.`,
    `Where these were when it came:\n${table(result)}`,
    ...(['lost', 'doubled', 'disordered', 'unconfirmed'] as const).map((count) =>
      `${count}: ${result[count].length} ${result[count].join(' ')}`.trimEnd(),
    ),
  ].join('\n')

async function run(
  words: readonly string[],
  program: string,
  executable: string | undefined,
): Promise<number> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      trials: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP.trimEnd())
    return 0
  }
  const trials = wholeNumber('trials', values.trials, 1)
  const seed = wholeNumber('seed', values.seed, 0)
  if (executable === undefined)
    throw new Error('There is no Chromium here. To get it: npx playwright install chromium')
  const folder = mkdtempSync(join(tmpdir(), 'tidings-kills-'))
  const say = (text: string): void => console.error(text)
  const sayKept = () => say(`Profile and server's file: ${folder}`)
  const order = { trials, seed, executable, program, pages, folder, say }
  const result = await playTrials(order).catch((cause: unknown) => {
    sayKept()
    throw cause
  })
  console.log(values.json ? JSON.stringify(result) : report(result))
  if (!isClean(result)) {
    say(`Profile and server's file: ${folder}`)
    return 1
  }
  rmSync(folder, { recursive: true, force: true })
  const missed = trials >= ENOUGH_TRIALS ? missedOf(result) : []
  for (const what of missed) say(`No kill met this: ${what}.`)
  return missed.length > 0 ? 2 : 0
}

/** The program: resolves with its exit code. `program` is the built server, `executable` Chromium, where there is one. */
export async function main(words: readonly string[], program: string, executable?: string): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(3))
  try {
    return await run(words, program, executable)
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return 3
  }
}
