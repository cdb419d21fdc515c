#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { createChaos } from './chaos.js'
import { type Command, HELP, parseCommand } from './command-line.js'
import { createEmbeddedServer, type EmbeddedServer } from './embedded.js'
import { createMentions } from './mentions.js'
import { lineOf, type ServerEvent } from './operating/events.js'
import { nodeClock } from './platform.js'
import { keepSecret, readSecret } from './secret.js'
import { SECRET_CHARS } from './tokens.js'

/** Ends the program with a sentence. 1: it could not run; 2: it was asked for something that there is not. */
const stop = (status: 1 | 2, text: string): never => {
  console.error(text)
  process.exit(status)
}
const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
const codeOf = (cause: unknown): unknown => (cause instanceof Error ? Reflect.get(cause, 'code') : undefined)

async function secretOf({ secretFile, dev, data, jwks }: Command): Promise<string> {
  if (secretFile !== undefined) return readSecret(secretFile)
  const fromEnvironment = process.env['TIDINGS_SECRET']
  if (fromEnvironment !== undefined && fromEnvironment.length >= SECRET_CHARS) return fromEnvironment
  if (fromEnvironment !== undefined)
    throw new Error(`TIDINGS_SECRET is too short: at least ${SECRET_CHARS} characters.`)
  if (dev) return keepSecret(join(dirname(resolve(data)), 'secret'))
  // Nothing is signed with it, so it need not outlive this run.
  if (jwks !== undefined) return randomBytes(32).toString('base64url')
  throw new Error(
    'There is no secret to check tokens with. Set TIDINGS_SECRET or give --secret-file FILE; for a try on this machine use --dev.',
  )
}

/** The texts of the files of TLS. */
async function tlsOf({ tls }: Command) {
  if (!tls) return undefined
  const read = (file: string) =>
    readFile(file, 'utf8').catch(() => Promise.reject(new Error(`The file ${file} cannot be read.`)))
  return { key: await read(tls.key), cert: await read(tls.cert) }
}

async function checkFolders({ data, static: pages }: Command): Promise<void> {
  const folder = dirname(resolve(data))
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new Error(`The folder ${folder} for the database does not exist.`)
  if (pages !== undefined && !(await stat(pages).catch(() => undefined))?.isDirectory())
    throw new Error(`The folder ${pages} to serve does not exist.`)
}

/** Lines for who collects them; the sentences for people go the same way. */
const tell = (event: ServerEvent): void => {
  const line = lineOf(event, nodeClock.now())
  if (line !== undefined) console.log(line)
}

const start = async (command: Command): Promise<EmbeddedServer> => {
  const { port, host, data, redis, origins, dev, rateLimit, chaos } = command
  await checkFolders(command)
  const secret = await secretOf(command)
  const tls = await tlsOf(command)
  const metricsToken = process.env['TIDINGS_METRICS_TOKEN']
  const mentions = createMentions(
    (...notification) => server.notify(...notification),
    (cause) => console.error(`A mention could not be told: ${messageOf(cause)}`),
  )
  const server = await createEmbeddedServer({
    port,
    host,
    origins,
    dev,
    secret,
    ...(redis === undefined ? { data } : { redis }),
    ...(command.archive !== undefined && { archive: command.archive }),
    ...(command.keep !== undefined && { keep: command.keep }),
    // Only the pages that are served with it show notifications.
    ...(dev && command.static !== undefined && { screen: mentions }),
    ...(command.static !== undefined && { static: command.static }),
    ...(!rateLimit && { limits: { rate: null } }),
    ...(command.log && { tell }),
    ...(tls && { tls }),
    ...(command.jwks !== undefined && { jwks: command.jwks }),
    ...(command.addressHeader !== undefined && { addressHeader: command.addressHeader }),
    ...(command.collections !== undefined && { collections: { database: command.collections } }),
    ...(metricsToken !== undefined && { metrics: { token: metricsToken } }),
    ...(chaos && { outgoing: createChaos(chaos) }),
    failed(cause) {
      if (command.log) tell({ is: 'failed', message: cause.message })
      stop(1, `The database failed, so the server ends: ${cause.message}`)
    },
  })
  return server
}

function announce({ port, url }: EmbeddedServer, command: Command): void {
  if (command.dev) {
    const page = (user: string) => `  http://localhost:${port}/?user=${user}&room=general`
    console.log(`tidings is running. Open these two side by side:\n${page('alice')}\n${page('bob')}`)
  } else console.log(`tidings-server listens on ${url}`)
  const history = command.archive === undefined ? '' : ', and their history in the archive'
  console.log(
    `Messages are kept in ${command.redis === undefined ? command.data : `Redis${history}`}. Ctrl+C stops.`,
  )
  if (!command.rateLimit) console.log('Rate limits are off.')
  if (command.chaos)
    console.log(`Chaos: ${command.chaos.dropAcks * 100} % of acks are lost (seed ${command.chaos.seed}).`)
}

function stopOnSignals(server: EmbeddedServer): void {
  let stopping = false
  const leave = () => {
    // Whoever asks twice does not want to wait.
    if (stopping) process.exit(1)
    stopping = true
    server.drain().then(
      () => process.exit(0),
      (cause: unknown) => stop(1, messageOf(cause)),
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, leave)
}

const parsed = parseCommand(process.argv.slice(2))
if ('help' in parsed) console.log(HELP.trimEnd())
else if ('wrong' in parsed) stop(2, `${parsed.wrong}\nSee tidings-server --help.`)
else {
  const { command } = parsed
  try {
    const server = await start(command)
    stopOnSignals(server)
    announce(server, command)
  } catch (cause) {
    const { port, host } = command
    stop(
      1,
      codeOf(cause) === 'EADDRINUSE'
        ? `Port ${port} on ${host} is already taken. Stop the program that has it, or choose another with --port.`
        : messageOf(cause),
    )
  }
}
