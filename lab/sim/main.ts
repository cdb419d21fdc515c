import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Chronicle } from './chronicle.js'
import { lacks } from './completeness.js'
import { type Night, playNight } from './many.js'
import { pageOf } from './report.js'
import { type Mode, simulate } from './run.js'

const MODES: readonly Mode[] = ['safety', 'liveness', 'both']

const HELP = `Plays clients and a server through everything that can break, and looks at every promise on the way.

Usage: tidings-sim [options]

  --seed NUMBER     Decides everything that happens. Default 1.
  --hours NUMBER    Client-hours to play, over all seeds. Default 6.
  --stretch NUMBER  Plays this stretch of the seed alone, counted from 0: each is a quarter of an hour in a world of its own.
  --clients NUMBER  Clients of three people. Default 6.
  --seeds NUMBER    Plays so many seeds, from --seed on, in a thread for each core. Default 1.
  --mode MODE       safety: faults never stop, and promises are looked at after every step; liveness: faults cease
                    every quarter of an hour, and everybody has to agree within 90 s; both. Default both.
  --complete        Fails as well where a rare branch was never taken, a kind of fault is less than 1 % of all,
                    or less than 60 faults struck in a client-hour.
  --report FILE     Writes a page with plots.
  --trace           Prints what happens as it happens; for one seed.
  --json            Prints the result as JSON and nothing else.

The same seed plays the same: its trace has the same hash, in Node and in browsers.
Exit: 0 every promise held; 1 one was broken; 2 it says too little (--complete); 3 it could not run.
`

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least))
    throw new Error(`--${name} takes a number from ${least}, not "${text}".`)
  return value
}

function modeOf(text: string): Mode {
  const mode = MODES.find((each) => each === text)
  if (!mode) throw new Error(`--mode takes one of ${MODES.join(', ')}, not "${text}".`)
  return mode
}

const sorted = (counts: ReadonlyMap<string, number>) => [...counts].sort(([, a], [, b]) => b - a)

function table(counts: ReadonlyMap<string, number>): string {
  const total = [...counts.values()].reduce((sum, each) => sum + each, 0)
  const row = ([name, times]: readonly [string, number]) =>
    `  ${name.padEnd(34)} ${String(times).padStart(9)}  ${((times / total) * 100).toFixed(1).padStart(5)} %`
  return sorted(counts).map(row).join('\n')
}

const tally = (counts: ReadonlyMap<string, number>): string =>
  sorted(counts)
    .map(([name, times]) => `  ${name.padEnd(34)} ${String(times).padStart(9)}`)
    .join('\n')

function converged({ convergedMs }: Chronicle): string {
  const times = [...convergedMs].sort((a, b) => a - b)
  const at = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? 0) / 1_000
  return times.length === 0
    ? 'No storm ended.'
    : `${times.length} storms; all agreed after ${at(0.5)} s in the middle, ${at(0.95)} s in 95 of 100, ${at(1)} s at most.`
}

function report({ chronicle, broken, hash }: Night): string {
  const { clientHours, steps, written, lost, faults, frames, branches } = chronicle
  const struck = [...faults.values()].reduce((sum, each) => sum + each, 0)
  return [
    `${clientHours.toFixed(1)} client-hours, ${steps} steps, ${written} messages, ${struck} faults, trace ${hash}`,
    `Faults:\n${table(faults)}`,
    `Frames of the server:\n${table(frames)}`,
    `Branches:\n${tally(branches)}`,
    converged(chronicle),
    `${lost} of ${written} messages are owed to nobody: what held them was destroyed on purpose.`,
    broken.length === 0 ? 'Every promise held.' : broken.map((says) => `BROKEN ${says}`).join('\n'),
  ].join('\n\n')
}

interface Order {
  readonly seed: number
  readonly seeds: number
  readonly hours: number
  readonly stretch?: number
  readonly clients: number
  readonly mode: Mode
  readonly trace: boolean
  readonly json: boolean
}

async function play({ trace, json, ...order }: Order): Promise<Night> {
  if (order.seeds > 1)
    return playNight({
      ...order,
      onSeed: ({ seed, clientHours, hash, broken }) =>
        json ||
        console.log(
          `seed ${seed}: ${clientHours.toFixed(0)} client-hours, trace ${hash}${broken ? ', BROKEN' : ''}`,
        ),
    })
  const { chronicle, hash, broken } = await simulate({
    ...order,
    ...(trace && { print: (line: string) => console.log(line) }),
  })
  return { chronicle, hash, broken: broken === undefined ? [] : [`seed ${order.seed}, ${broken}`] }
}

const asJson = (night: Night): string =>
  JSON.stringify(night, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value))

/** Runs the simulation as a program and gives its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        seed: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '1' },
        hours: { type: 'string', default: '6' },
        stretch: { type: 'string' },
        clients: { type: 'string', default: '6' },
        mode: { type: 'string', default: 'both' },
        complete: { type: 'boolean', default: false },
        report: { type: 'string' },
        trace: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    const night = await play({
      seed: numberOf('seed', values.seed, 0),
      seeds: numberOf('seeds', values.seeds, 1),
      // Any time at all is one stretch.
      ...(values.stretch === undefined
        ? { hours: numberOf('hours', values.hours, 0.01) }
        : { hours: Number.MIN_VALUE, stretch: numberOf('stretch', values.stretch, 0) }),
      clients: numberOf('clients', values.clients, 1),
      mode: modeOf(values.mode),
      trace: values.trace,
      json: values.json,
    })
    console.log(values.json ? asJson(night) : report(night))
    if (values.report !== undefined) writeFileSync(values.report, pageOf(night))
    const lacking = values.complete ? lacks(night.chronicle) : []
    for (const sentence of lacking) console.error(`It says too little: ${sentence}.`)
    if (night.broken.length > 0) return 1
    return lacking.length > 0 ? 2 : 0
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return 3
  }
}
