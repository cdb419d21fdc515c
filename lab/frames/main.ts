import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { type Breach, type Result, run } from './run.js'
import { aboutOf, playSession, SESSION_FRAMES } from './session.js'
import { createCounter, type Tally } from './tally.js'
import { playShare } from './thread.js'

playShare()

const HELP = `Tells codecs, clients and servers what nobody should say, and looks at what must hold all the same.

Usage: npm run frames -- [options]

  --count NUMBER    Frames to tell. Default 1,000,000.
  --seed NUMBER     Decides every one of them. Default 1.
  --session NUMBER  Plays this session of the seed alone: what a breach names.
  --threads NUMBER  Default: one for each core.
  --json            Prints the result as JSON and nothing else on standard output.

Exit: 0 every law held; 1 one was broken; 3 it could not run.
`

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < least)
    throw new Error(`--${name} takes a whole number from ${least}, not "${text}".`)
  return value
}

const COLUMNS = ['accepted', 'refused', 'quarantined', 'unread'] as const

const cells = (name: string, counts: readonly (string | number)[]): string =>
  `  ${name.padEnd(20)}${counts.map((count) => String(count).padStart(12)).join('')}`

function table({ kinds }: Tally): string {
  const rows = Object.entries(kinds).sort(([a], [b]) => (a < b ? -1 : 1))
  const sums = COLUMNS.map((column) => rows.reduce((sum, [, row]) => sum + row[column], 0))
  return [
    cells('', COLUMNS),
    ...rows.map(([kind, row]) =>
      cells(
        kind,
        COLUMNS.map((column) => row[column]),
      ),
    ),
    cells('all', sums),
  ].join('\n')
}

const breach = (seed: number, { session, what }: Breach): string =>
  `BROKEN in session ${session} of seed ${seed}: ${what}\n  again: npm run frames -- --seed ${seed} --session ${session}`

const report = ({ seed, tally, broken, growth }: Result): string =>
  [
    `${tally.frames} frames in ${tally.sessions} sessions of ${SESSION_FRAMES} and more, seed ${seed}`,
    table(tally),
    `The heap at the end, over what it was when warm: ${growth.map((ratio) => ratio.toFixed(2)).join(', ')}`,
    broken.length === 0 ? 'Every law held.' : broken.map((one) => breach(seed, one)).join('\n'),
  ].join('\n\n')

async function playOne(seed: number, session: number): Promise<number> {
  const counter = createCounter()
  const what = await playSession(seed, session, counter)
  console.log(`Session ${session} of seed ${seed}, ${aboutOf(session)}:\n${table(counter.tally())}\n`)
  console.log(what === undefined ? 'Every law held.' : breach(seed, { session, what }))
  return what === undefined ? 0 : 1
}

/** Says every twentieth of the way how far it is. */
function createProgress(frames: number): (told: number) => void {
  let said = 0
  return (told) => {
    const part = Math.floor((told / frames) * 20)
    if (part <= said) return
    said = part
    console.error(`  ${part * 5} %: ${told} frames`)
  }
}

/** Runs the frames as a program and gives its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        count: { type: 'string', default: '1000000' },
        seed: { type: 'string', default: '1' },
        session: { type: 'string' },
        threads: { type: 'string', default: String(availableParallelism()) },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    const seed = numberOf('seed', values.seed, 0)
    if (values.session !== undefined) return await playOne(seed, numberOf('session', values.session, 0))
    const frames = numberOf('count', values.count, 1)
    const result = await run({
      program: new URL(import.meta.url),
      seed,
      frames,
      threads: numberOf('threads', values.threads, 1),
      onProgress: values.json ? () => {} : createProgress(frames),
      // Standard output belongs to the result.
      onBroken: (one) => console.error(breach(seed, one)),
    })
    console.log(values.json ? JSON.stringify(result) : report(result))
    return result.broken.length === 0 ? 0 : 1
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return 3
  }
}
