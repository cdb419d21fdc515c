import { parseArgs } from 'node:util'
import { dials, type Way } from './dial.js'
import { report } from './report.js'
import { conform } from './run.js'
import type { Account, Target } from './stage.js'
import { chapters } from './suite.js'

const HELP = `Checks any server against the wire protocol of tidings (docs/protocol.md).

Usage: npm run conformance -- URL [options]

  URL                   Where clients connect, such as ws://127.0.0.1:8787/v1/ws
  --token USER=TOKEN    Somebody who can sign in; needed three times, for three users. They must be allowed in
                        every room that begins with the prefix.
  --tokens URL          Where a token is had for each of alice, bob and carol; {user} stands for the name.
                        Unless given: /dev/token?user={user} of the same server, as the reference server has it.
  --over WAY            websocket or http: how connections are made. Default: websocket.
  --prefix TEXT         Begins the names of the rooms that are written to. Default: conformance- and the time.
  --only CHAPTER        Runs one chapter; may be repeated. ${Object.keys(chapters).join(', ')}
  --patience MS         How long an answer may take. Default 3000.
  --json                Prints every verdict as JSON and nothing else.

Rate limits must be off, or far above 100 operations a second for one user.
Exit: 0 everything holds; 1 something does not; 3 it could not run.
`

const USERS = ['alice', 'bob', 'carol'] as const
const PATIENCE_MS = 3_000

const isWay = (text: string): text is Way => Object.hasOwn(dials, text)

/** Reads `alice=abc`. */
function accountOf(text: string): Account {
  const at = text.indexOf('=')
  if (at < 1 || at === text.length - 1) throw new Error(`--token takes USER=TOKEN, not "${text}".`)
  return { user: text.slice(0, at), token: text.slice(at + 1) }
}

async function fetched(source: string, user: string): Promise<Account> {
  const from = source.replace('{user}', encodeURIComponent(user))
  const response = await fetch(from).catch((cause: unknown) => {
    throw new Error(`No token for ${user}: ${from} cannot be reached. Give three --token.`, { cause })
  })
  if (!response.ok)
    throw new Error(`No token for ${user}: ${from} answers ${response.status}. Give three --token.`)
  return { user, token: (await response.text()).trim() }
}

const devTokens = (url: string): string => {
  const { protocol, host } = new URL(url)
  return `${protocol === 'wss:' ? 'https' : 'http'}://${host}/dev/token?user={user}`
}

async function accountsFor(
  url: string,
  given: readonly string[],
  source: string | undefined,
): Promise<Target['accounts']> {
  const accounts =
    given.length > 0
      ? given.map(accountOf)
      : await Promise.all(USERS.map((user) => fetched(source ?? devTokens(url), user)))
  const [alice, bob, carol] = accounts
  if (!alice || !bob || !carol || new Set(accounts.map(({ user }) => user)).size < USERS.length)
    throw new Error('Three different users are needed: give --token three times.')
  return [alice, bob, carol]
}

interface Order {
  readonly target: Target
  readonly only: readonly string[] | undefined
  readonly json: boolean
}

/** Reads the words after the program's name; undefined: help is wanted. Throws a sentence about what is wrong with them. */
async function read(words: readonly string[]): Promise<Order | undefined> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      token: { type: 'string', multiple: true, default: [] },
      tokens: { type: 'string' },
      over: { type: 'string', default: 'websocket' },
      prefix: { type: 'string', default: `conformance-${Date.now().toString(36)}-` },
      only: { type: 'string', multiple: true },
      patience: { type: 'string', default: String(PATIENCE_MS) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [url] = positionals
  if (values.help || url === undefined) return undefined
  if (!/^wss?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new Error(`"${url}" is not an address that begins with ws:// or wss://.`)
  const { over } = values
  if (!isWay(over)) throw new Error(`--over takes ${Object.keys(dials).join(' or ')}, not "${over}".`)
  const patienceMs = Number(values.patience)
  if (!(patienceMs > 0)) throw new Error(`--patience takes milliseconds, not "${values.patience}".`)
  const unknown = values.only?.find((chapter) => !(chapter in chapters))
  if (unknown !== undefined) throw new Error(`There is no chapter "${unknown}". See --help.`)
  const accounts = await accountsFor(url, values.token, values.tokens)
  return {
    target: { url, over, patienceMs, prefix: values.prefix, accounts },
    only: values.only,
    json: values.json,
  }
}

/** Runs the kit as a program and gives its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  let order: Order | undefined
  try {
    order = await read(words)
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return 3
  }
  if (!order) {
    console.log(HELP)
    return words.length === 0 ? 3 : 0
  }
  const verdicts = await conform(order.target, order.only && { only: order.only })
  console.log(order.json ? JSON.stringify(verdicts) : report(verdicts))
  return verdicts.some(({ fault }) => fault !== undefined) ? 1 : 0
}
