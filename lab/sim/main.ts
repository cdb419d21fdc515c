import { parseArgs } from 'node:util'
import { simulate, type Tally } from './run.js'

const HELP = `Plays clients and a server through everything that can break, and looks at every promise on the way.

Usage: npm run sim -- [options]

  --seed NUMBER     Decides everything that happens. Default 1.
  --hours NUMBER    Client-hours to play. Default 6.
  --clients NUMBER  Clients of three people. Default 6.
  --trace           Prints what happens as it happens.
  --json            Prints the result as JSON and nothing else.

The same seed plays the same: its trace has the same hash.
Exit: 0 every promise held; 1 one was broken; 3 it could not run.
`

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least))
    throw new Error(`--${name} takes a number from ${least}, not "${text}".`)
  return value
}

const table = (counts: Readonly<Record<string, number>>): string => {
  const total = Object.values(counts).reduce((sum, each) => sum + each, 0)
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(
      ([name, times]) =>
        `  ${name.padEnd(22)} ${String(times).padStart(8)}  ${((times / total) * 100).toFixed(1).padStart(5)} %`,
    )
    .join('\n')
}

const report = (tally: Tally): string =>
  [
    `${tally.clientHours.toFixed(1)} client-hours, ${tally.steps} steps, ${tally.written} messages, trace ${tally.hash}`,
    `Faults:\n${table(tally.faults)}`,
    `Frames of the server:\n${table(tally.frames)}`,
    tally.broken === undefined ? 'Every promise held.' : `BROKEN ${tally.broken}`,
  ].join('\n\n')

/** Runs the simulation as a program and gives its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        seed: { type: 'string', default: '1' },
        hours: { type: 'string', default: '6' },
        clients: { type: 'string', default: '6' },
        trace: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    const tally = await simulate({
      seed: numberOf('seed', values.seed, 0),
      hours: numberOf('hours', values.hours, 0.01),
      clients: numberOf('clients', values.clients, 1),
      ...(values.trace && { print: (line) => console.log(line) }),
    })
    console.log(values.json ? JSON.stringify(tally) : report(tally))
    return tally.broken === undefined ? 0 : 1
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return 3
  }
}
