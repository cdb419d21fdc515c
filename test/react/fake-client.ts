import type { Client, ConnectionStatus, Room, SendOptions } from '../../src/core/api.js'
import type { TidingsError } from '../../src/core/errors.js'
import type { Message, Timeline } from '../../src/core/message.js'
import type { Readable } from '../../src/core/seams/readable.js'

/** A Readable that a test drives, and that counts who listens. */
export const createCell = <T>(first: T) => {
  let value = first
  let calls = 0
  const listeners = new Set<() => void>()
  const readable: Readable<T> = {
    get: () => value,
    subscribe: (listener) => {
      calls += 1
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const set = (next: T) => {
    value = next
    for (const listener of [...listeners]) listener()
  }
  return { readable, set, listening: () => listeners.size, subscriptions: () => calls }
}

export const emptyTimeline: Timeline = {
  items: [],
  pending: 0,
  late: 0,
  hasOlder: false,
  hasNewer: false,
  unread: null,
  firstUnread: null,
  status: 'loading',
  error: null,
}

export const idle: ConnectionStatus = {
  state: 'idle',
  transport: null,
  rttMs: null,
  lastInboundAt: null,
  nextRetryAt: null,
  reason: null,
  error: null,
}

export const messageOf = (key: string, text: string): Message => ({
  type: 'message',
  key,
  id: key,
  room: 'general',
  from: 'bob',
  body: { text },
  stamp: key,
  sentAt: 0,
  ts: null,
  seq: null,
  status: 'pending',
  error: null,
  version: 1,
  edited: false,
  deleted: false,
  replyTo: null,
  reactions: [],
  late: false,
  durable: true,
})

const createFakeRoom = (id: string) => {
  const timeline = createCell(emptyTimeline)
  const messages = new Map<string, ReturnType<typeof createCell<Message | null>>>()
  const sent: { body: unknown; options: SendOptions | undefined }[] = []
  const asked: string[] = []
  let refusal: TidingsError | null = null
  const messageCell = (key: string) => {
    const cell = messages.get(key) ?? createCell<Message | null>(null)
    messages.set(key, cell)
    return cell
  }
  const done = { queued: () => Promise.resolve(), confirmed: () => Promise.resolve() }
  const note = (words: string) => {
    asked.push(words)
    return done
  }
  const room: Room = {
    id,
    timeline: timeline.readable,
    open: () => () => {},
    send: (body, options) => {
      if (refusal !== null) throw refusal
      sent.push({ body, options })
      const message = messageOf(`k${sent.length}`, 'sent')
      return {
        key: message.key,
        message,
        queued: () => Promise.resolve(),
        confirmed: () => Promise.resolve(message),
      }
    },
    edit: (key, body, { expectVersion } = {}) =>
      note(`edit ${key} ${JSON.stringify(body)}${expectVersion ? ` of version ${expectVersion}` : ''}`),
    remove: (key) => note(`remove ${key}`),
    react: (key, emoji) => note(`react ${key} ${emoji}`),
    unreact: (key, emoji) => note(`unreact ${key} ${emoji}`),
    retry: (key) => asked.push(`retry ${key}`) > 0,
    discard: (key) => asked.push(`discard ${key}`) > 0,
    loadOlder: () => Promise.resolve(false),
    loadNewer: () => Promise.resolve(false),
    jumpTo: () => Promise.resolve({ found: false, reason: 'offline' }),
    fillGap: () => Promise.resolve(false),
    // A new object at each call, as the contract allows: the hook must not subscribe anew for it.
    message: (key) => {
      const { get, subscribe } = messageCell(key).readable
      return { get: () => get(), subscribe: (listener) => subscribe(listener) }
    },
    arrivals: () => () => {},
  }
  const refuseWith = (error: TidingsError) => {
    refusal = error
  }
  return { room, timeline, sent, asked, refuseWith, messageCell }
}

/** A client whose every Readable a test drives. It counts what a binding may not do: connect, disconnect, destroy. */
export const createFakeClient = () => {
  const connection = createCell<ConnectionStatus>(idle)
  const outbox = createCell({ pending: 0, failed: 0, oldestAt: null, bytes: 0 })
  const rooms = new Map<string, ReturnType<typeof createFakeRoom>>()
  const ownership: string[] = []
  const roomOf = (id: string) => {
    const room = rooms.get(id) ?? createFakeRoom(id)
    rooms.set(id, room)
    return room
  }
  const client: Client = {
    user: 'alice',
    connection: connection.readable,
    storage: createCell({ state: 'idle', kind: 'memory', durable: false, error: null } as const).readable,
    outbox: outbox.readable,
    sync: createCell({ phase: 'offline', applied: 0, remaining: null } as const).readable,
    rooms: createCell([]).readable,
    connect: () => void ownership.push('connect'),
    disconnect: () => void ownership.push('disconnect'),
    room: (id: string) => roomOf(id).room as never,
    direct: (user: string) => roomOf(`dm:${user}`).room as never,
    on: () => () => {},
    trace: () => [],
    destroy: async () => void ownership.push('destroy'),
    logout: async () => void ownership.push('logout'),
  }
  return { client, connection, outbox, roomOf, ownership }
}
