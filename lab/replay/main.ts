import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Conversation, readConversation, readLines } from './conversation.js'
import { madeUpLines } from './made-up.js'
import { type NodesOptions, type NodesResult, replayOnNodes } from './nodes.js'
import { hasRedis, WITHOUT_REDIS } from './redis-process.js'
import { type Result, type RunOptions, replay } from './run.js'

const HELP = `Plays a chat log through real clients and a real server, and counts what went wrong.

Usage: npm run replay -- FILE [options]

  FILE                A chat log in JSON Lines, plain or .gz: {room, n, at, kind, sender, text, replyTo?} a line.
                      The word made-up plays a conversation that nobody had.
  --clients NUMBER    Clients that share the senders. Default 8; 30 on several servers.
  --seed NUMBER       Of faults and of made-up conversations. Default 1.
  --faults none|rough Default none. rough cuts sockets, drops acks, kills clients and the server; of several servers on
                      Redis as well: it kills each in turn, cuts what they hear each other by, and restarts Redis.
  --limit NUMBER|all  Plays the first messages only. Default all; 5000 of a made-up conversation, and 10000 when faults
                      are rough on several servers.
  --nodes NUMBER      So many servers, with --redis. Default 3.
  --redis             The servers keep the log in a Redis of their own, with a replica. Needs redis-server.
  --json              Prints the result as JSON and nothing else.

Exit: 0 all four counts are 0; 1 one is not, or servers or Redis crashed or disagreed; 2 rough was too gentle to prove anything; 3 it could not run.
`

type Faults = 'none' | 'rough'
interface Order {
  readonly file: string
  readonly clients: number
  readonly seed: number
  readonly faults: Faults
  readonly limit: number | undefined
  /** Servers on one Redis; undefined: one server on a file. */
  readonly nodes: number | undefined
  readonly json: boolean
}

const MADE_UP_MESSAGES = 5_000
const CLIENTS = 8
const NODES = 3
const CLIENTS_ON_NODES = 30
const ROUGH_MESSAGES_ON_NODES = 10_000

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || value < least)
    throw new Error(`--${name} takes a whole number from ${least}, not "${text}".`)
  return value
}

/** How many servers on Redis; undefined: one on a file. */
function nodesOf(nodes: string | undefined, onRedis: boolean): number | undefined {
  if (nodes !== undefined && !onRedis) throw new Error('Several servers need one Redis: add --redis.')
  if (!onRedis) return undefined
  return nodes === undefined ? NODES : wholeNumber('nodes', nodes, 1)
}

/** How many messages at most; undefined: all. */
function limitOf(limit: string | undefined, nodes: number | undefined, faults: Faults): number | undefined {
  if (limit === 'all') return undefined
  if (limit !== undefined) return wholeNumber('limit', limit, 1)
  return nodes !== undefined && faults === 'rough' ? ROUGH_MESSAGES_ON_NODES : undefined
}

const isFaults = (text: string): text is Faults => text === 'none' || text === 'rough'

/** Reads the words after the program's name. Undefined: help is wanted. Throws a sentence about what is wrong with them. */
export function parseOrder(words: readonly string[]): Order | undefined {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      clients: { type: 'string' },
      seed: { type: 'string', default: '1' },
      faults: { type: 'string', default: 'none' },
      limit: { type: 'string' },
      nodes: { type: 'string' },
      redis: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new Error('Name one chat log, or made-up.')
  if (!isFaults(values.faults)) throw new Error(`--faults takes none or rough, not "${values.faults}".`)
  const { clients, seed, faults, limit } = values
  const nodes = nodesOf(values.nodes, values.redis)
  const usual = nodes === undefined ? CLIENTS : CLIENTS_ON_NODES
  return {
    file,
    clients: clients === undefined ? usual : wholeNumber('clients', clients, 1),
    seed: wholeNumber('seed', seed, 0),
    faults,
    limit: limitOf(limit, nodes, faults),
    nodes,
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

/** The same for several servers: they prove something only where they were killed in the middle of work, did not hear each other, and lost Redis. */
export function exitCodeOnNodes(result: NodesResult, faults: Faults): 0 | 1 | 2 {
  if (result.crashes + result.resets + result.breaks > 0 || !result.replicaAgrees) return 1
  const code = exitCodeOf(result, faults)
  if (code !== 0 || faults === 'none') return code
  const { messages, serverRestarts, unacknowledgedAtKills, moved, channelsCut, redisRestarts } = result
  const enough =
    unacknowledgedAtKills >= 2 * serverRestarts &&
    moved >= messages / 250 &&
    channelsCut >= 6 &&
    redisRestarts >= 2
  return enough ? 0 : 2
}

const say = (text: string): void => console.error(text)

const TOO_GENTLE =
  'Too gentle: there were too few reconnects, resends, repeated acks, kills or unacknowledged operations.'

type Tell = (result: Result) => void

async function playOnOne(options: RunOptions, tell: Tell): Promise<number> {
  const result = await replay(options)
  tell(result)
  return exitCodeOf(result, options.faults)
}

async function playOnNodes(options: NodesOptions, tell: Tell): Promise<number> {
  if (!hasRedis()) throw new Error(WITHOUT_REDIS)
  const result = await replayOnNodes(options)
  tell(result)
  return exitCodeOnNodes(result, options.faults)
}

async function run(order: Order, program: string): Promise<number> {
  const conversation = await load(order)
  const { messages, rooms, strays } = conversation
  if (messages === 0) throw new Error('The log holds no message.')
  const { nodes, faults, clients } = order
  const servers = nodes === undefined ? '' : `${nodes} servers on Redis, `
  say(`${messages} messages in ${rooms.size} rooms, ${servers}${clients} clients, faults: ${faults}.`)
  if (strays > 0) say(`${strays} of them answer something that is no message; they are played without.`)
  const folder = mkdtempSync(join(tmpdir(), 'tidings-replay-'))
  try {
    const options = { ...order, conversation, program, folder, say }
    const tell = (result: Result): void => console.log(JSON.stringify(result, null, order.json ? 0 : 2))
    const code = await (nodes === undefined
      ? playOnOne(options, tell)
      : playOnNodes({ ...options, nodes }, tell))
    if (code === 2) say(TOO_GENTLE)
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
