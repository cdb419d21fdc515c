import { parseArgs } from 'node:util'
import { type DayTally, playDay } from './day.js'
import { type LifecyclesTally, playLifecycles } from './lifecycles.js'

const HELP = `Looks for what clients leave behind, and for what grows while they live.

Usage: npm run leaks -- [options]

  --lives NUMBER     Clients to make, use and end at some moment. Default 1,000.
  --messages NUMBER  Messages of a day of 24 virtual hours. Default 1,000,000.
  --seed NUMBER      Decides every life. Default 1.
  --json             Prints the result as JSON and nothing else.

Exit: 0 nothing was left and nothing grew; 1 something did; 3 it could not run.
`

/** The heap may move by so much in a day. */
const FLAT_BYTES = 2 * 1024 * 1024

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < 1)
    throw new Error(`--${name} takes a whole number from 1, not "${text}".`)
  return value
}

const inMegabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(2)

const report = ({ lives, deeds, left }: LifecyclesTally, day: DayTally): string =>
  [
    `${lives} lives, ${Object.values(deeds).reduce((sum, times) => sum + times, 0)} deeds and faults:`,
    ...Object.entries(deeds)
      .sort(([, a], [, b]) => b - a)
      .map(([deed, times]) => `  ${deed.padEnd(14)} ${String(times).padStart(7)}`),
    left.length === 0 ? 'Nothing was left of any.' : `LEFT:\n${left.join('\n')}`,
    '',
    `24 virtual hours: ${day.messages} messages, ${day.sent} sent, ${day.reconnects} reconnects, ${day.shown} items shown at the end`,
    `MB of heap at every hour: ${day.heapBytes.map(inMegabytes).join(' ')}`,
    `${day.growthBytes > FLAT_BYTES ? 'GREW by' : 'Growth at most'} ${inMegabytes(day.growthBytes)} MB, of 2 that are allowed.`,
  ].join('\n')

/** Runs the search for leaks as a program and gives its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        lives: { type: 'string', default: '1000' },
        messages: { type: 'string', default: '1000000' },
        seed: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    // The day first, on a heap that nothing else has touched.
    const day = await playDay({ messages: numberOf('messages', values.messages) })
    const lifecycles = await playLifecycles({
      seed: numberOf('seed', values.seed),
      count: numberOf('lives', values.lives),
    })
    console.log(values.json ? JSON.stringify({ lifecycles, day }) : report(lifecycles, day))
    return lifecycles.left.length === 0 && day.growthBytes <= FLAT_BYTES ? 0 : 1
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return 3
  }
}
