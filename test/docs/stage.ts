import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { createMemoryLog, createServerCore, type FrameHead, type Inbound } from 'tidings-server'
import { createSystemClock } from '../../src/adapters/system-clock.js'
import type { Client, Message, Room } from '../../src/core/index.js'
import { formatStamp } from '../../src/protocol/index.js'

/** Everything that examples find around them: a server in this process, reached by a WebSocket of ours, and `/dev/token`. */
export interface Stage {
  readonly client: Client
  readonly room: Room
  /** A confirmed message of this user, with one of bob's before it. */
  readonly message: Message
  /** What examples printed. */
  readonly printed: string[]
  /** What no example should cause: refusals of the server, and errors of clients. */
  readonly complaints: string[]
  /** Test cases that an example made with `it`. */
  readonly cases: { readonly name: string; readonly run: () => unknown }[]
  /** What the server tells a user alone. */
  notify(user: string, kind: string, body: unknown): Promise<unknown>
  /** Waits until something holds; says what was expected when it never does. */
  until(holds: () => boolean, what: string): Promise<void>
  end(): Promise<void>
}

/** What a stage needs of the test: the SDK that examples will import. */
export interface StageParts {
  readonly createClient: (options: { url: string; user: string; token: () => string }) => Client
  /** Every client that anybody made since the last call. */
  readonly takeClients: () => readonly Client[]
  readonly stub: (name: string, value: unknown) => void
}

const PATIENCE_MS = 3_000
const clock = createSystemClock()
const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve))

async function until(holds: () => boolean, what: string): Promise<void> {
  const endAt = clock.now() + PATIENCE_MS
  while (!holds()) {
    if (clock.now() > endAt) throw new Error(`never happened: ${what}`)
    await pause(2)
  }
}

/** What examples import `ws` and browsers' WebSocket for, without a network: talks to the server in this process. */
const webSocketTo = (open: (socket: Pick<MemoryWebSocket, 'deliver' | 'ended'>) => Inbound) =>
  class extends MemoryWebSocket {
    constructor() {
      super(open)
    }
  }

class MemoryWebSocket extends EventTarget {
  readyState = 0
  readonly bufferedAmount = 0
  #inbound: Inbound | undefined

  constructor(open: (socket: MemoryWebSocket) => Inbound) {
    super()
    queueMicrotask(() => {
      if (this.readyState !== 0) return
      this.readyState = 1
      this.#inbound = open(this)
      this.dispatchEvent(new Event('open'))
    })
  }
  send(text: string): void {
    queueMicrotask(() => this.#inbound?.received(text))
  }
  deliver(data: string): void {
    queueMicrotask(() => this.dispatchEvent(Object.assign(new Event('message'), { data })))
  }
  ended(code: number, reason: string): void {
    if (this.readyState === 3) return
    this.readyState = 3
    queueMicrotask(() => this.dispatchEvent(Object.assign(new Event('close'), { code, reason })))
  }
  close(code = 1000, reason = ''): void {
    this.#inbound?.closed()
    this.ended(code, reason)
  }
}

const printedAs = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

export async function createStage({ createClient, takeClients, stub }: StageParts): Promise<Stage> {
  const printed: string[] = []
  const complaints: string[] = []
  const cases: Stage['cases'] = []
  const log = createMemoryLog({ clock })
  let ids = 0
  let over = false
  const core = createServerCore({
    ...{ log, clock, verify: (token) => (token ? { user: token } : 'refused'), authorize: () => 'allow' },
    random: { next: () => 0.5, id: () => `stage-${++ids}` },
    // Nobody reads an example for 15 s to see that somebody is gone.
    limits: { presenceGraceMs: 0 },
    screen: ({ body }) =>
      body?.includes('FORBIDDEN') ? { code: 'content_rejected', message: 'Not here.' } : undefined,
    outgoing(frame: FrameHead) {
      if (frame.type === 'error') complaints.push(`the server sent an error about ${frame.room ?? 'a frame'}`)
      return 'pass'
    },
  })
  const WebSocket = webSocketTo((socket) =>
    core.opened({
      send: (text) => socket.deliver(text),
      close: (code, reason) => socket.ended(code, reason),
      bufferedAmount: 0,
    }),
  )
  stub('WebSocket', WebSocket)
  stub('indexedDB', new IDBFactory())
  stub('fetch', async (url: string) => answerTo(new URL(url, 'http://localhost:8787')))
  stub('console', {
    ...console,
    log: (...values: readonly unknown[]) => printed.push(values.map(printedAs).join(' ')),
  })
  stub('it', (name: string, run: () => unknown) => cases.push({ name, run }))

  const stamp = formatStamp(clock.now(), 0, 'bobs-clock-')
  await log.append([
    { room: 'general', author: 'bob', id: 'b1', kind: 'create', stamp, body: '{"text":"Hello from bob"}' },
  ])
  const client = createClient({ url: 'ws://localhost:8787/v1/ws', user: 'alice', token: () => 'alice' })
  const room = client.room('general')
  room.open()
  client.connect()
  const message = await room.send({ text: 'Hello from alice' }).confirmed()
  await until(() => room.timeline.get().status === 'live', 'the room is live')

  const clients = new Set<Client>()
  const watch = () => {
    for (const each of takeClients()) {
      if (clients.has(each)) continue
      clients.add(each)
      each.on('error', ({ code, message: text }) => {
        // What is cut off by the end of its client is no fault of the example's.
        if (!over) complaints.push(`${each.user}: ${code} ${text}`)
      })
    }
    return [...clients]
  }
  watch()
  for (const [name, value] of Object.entries({ client, room, message })) stub(name, value)
  return {
    ...{ client, room, message, printed, complaints, cases, until, notify: core.notify },
    async end() {
      const connected = () => watch().filter((each) => each.connection.get().state === 'connected')
      await until(() => connected().every((each) => each.outbox.get().pending === 0), 'everything is sent')
      over = true
      await Promise.all(watch().map((each) => each.destroy()))
      core.close()
    },
  }
}

/** The development server's tokens, and a backend that knows only timestamps. */
function answerTo({ pathname, searchParams }: URL): object {
  const row = { id: 'r1', text: 'old', updatedAt: 1_767_603_600_000 }
  const body = { messages: Number(searchParams.get('since')) > row.updatedAt ? [] : [row], hasMore: false }
  const ok = pathname === '/dev/token' || pathname === '/messages'
  return {
    ok,
    status: ok ? 200 : 404,
    text: () => Promise.resolve(searchParams.get('user') ?? ''),
    json: () => Promise.resolve(body),
  }
}
