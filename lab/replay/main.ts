import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Conversation, readConversation, readLines } from './conversation.js'
import { madeUpLines } from './made-up.js'
import { type Result, replay } from './run.js'

const HELP = `Plays a chat log through real clients and a real server, and counts what went wrong.

Usage: npm run replay -- FILE [options]

  FILE                A chat log in JSON Lines, plain or .gz: {room, n, at, kind, sender, text, replyTo?} a line.
                      The word made-up plays a conversation that nobody had.
  --clients NUMBER    Clients that share the senders. Default 8.
  --seed NUMBER       Of faults and of made-up conversations. Default 1.
  --faults none|rough Default none. rough cuts sockets, drops acks, kills clients and the server.
  --limit NUMBER      Plays the first messages only. Default all; 5000 of a made-up conversation.
  --json              Prints the result as JSON and nothing else.

Exit: 0 all four counts are 0; 1 one is not; 2 rough was too gentle to prove anything; 3 it could not run.
`

type Faults = 'none' | 'rough'
interface Order {
  readonly file: string
  readonly clients: number
  readonly seed: number
  readonly faults: Faults
  readonly limit: number | undefined
  readonly json: boolean
}

const MADE_UP_MESSAGES = 5_000

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || value < least)
    throw new Error(`--${name} takes a whole number from ${least}, not "${text}".`)
  return value
}

const isFaults = (text: string): text is Faults => text === 'none' || text === 'rough'

/** Reads the words after the program's name. Undefined: help is wanted. Throws a sentence about what is wrong with them. */
export function parseOrder(words: readonly string[]): Order | undefined {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      clients: { type: 'string', default: '8' },
      seed: { type: 'string', default: '1' },
      faults: { type: 'string', default: 'none' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new Error('Name one chat log, or made-up.')
  if (!isFaults(values.faults)) throw new Error(`--faults takes none or rough, not "${values.faults}".`)
  return {
    file,
    clients: wholeNumber('clients', values.clients, 1),
    seed: wholeNumber('seed', values.seed, 0),
    faults: values.faults,
    limit: values.limit === undefined ? undefined : wholeNumber('limit', values.limit, 1),
    json: values.json,
  }
}

const load = ({ file, limit, seed }: Order): Promise<Conversation> =>
  file === 'made-up' && !existsSync(file)
    ? readLines(madeUpLines(seed, { messages: limit ?? MADE_UP_MESSAGES }))
    : readConversation(file, limit)

/** 0, 1 or 2, as the help says. */
export function exitCodeOf(result: Result, faults: Faults): 0 | 1 | 2 {
  const { messages, lost, duplicated, disordered, causalityBroken } = result
  if (lost + duplicated + disordered + causalityBroken > 0) return 1
  if (faults === 'none') return 0
  const enough =
    result.reconnects >= messages / 250 &&
    result.resent >= messages / 500 &&
    result.duplicateAcks > 0 &&
    result.serverRestarts >= 3
  return enough ? 0 : 2
}

const say = (text: string): void => console.error(text)

async function run(order: Order, program: string): Promise<number> {
  const conversation = await load(order)
  const { messages, rooms, strays } = conversation
  if (messages === 0) throw new Error('The log holds no message.')
  say(`${messages} messages in ${rooms.size} rooms, ${order.clients} clients, faults: ${order.faults}.`)
  if (strays > 0) say(`${strays} of them answer something that is no message; they are played without.`)
  const folder = mkdtempSync(join(tmpdir(), 'tidings-replay-'))
  try {
    const result = await replay({ ...order, conversation, program, folder, say })
    console.log(JSON.stringify(result, null, order.json ? 0 : 2))
    const code = exitCodeOf(result, order.faults)
    if (code === 2) say('Too gentle: there were too few reconnects, resends, repeated acks or kills.')
    return code
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The program: resolves with its exit code. `program` is the built server. */
export async function main(words: readonly string[], program: string): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(3))
  try {
    const order = parseOrder(words)
    if (order) return await run(order, program)
    console.log(HELP.trimEnd())
    return 0
  } catch (cause) {
    say(cause instanceof Error ? cause.message : String(cause))
    return 3
  }
}
