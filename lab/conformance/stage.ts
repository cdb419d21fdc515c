import { type ClientFrames, formatStamp, type ServerFrames } from 'tidings/protocol'
import type { Way } from './dial.js'
import { type Line, type LineOptions, openLine } from './line.js'

/** Somebody who can sign in. */
export interface Account {
  readonly user: string
  readonly token: string
}

/** The server under test. */
export interface Target {
  readonly url: string
  /** How long an answer may take, ms. */
  readonly patienceMs: number
  /** Three different users. */
  readonly accounts: readonly [Account, Account, Account]
  /** Begins the name of every room that is written to. */
  readonly prefix: string
  readonly over: Way
}

/** A welcomed connection. */
export interface Guest extends Line {
  readonly user: string
  readonly welcome: ServerFrames['welcome']
}

type Message = ClientFrames['message']
type Update = ClientFrames['message_update']

/** What one case works with: its own room, its own connections, names that nobody used before. */
export interface Stage {
  readonly room: string
  readonly alice: Account
  readonly bob: Account
  readonly carol: Account
  /** Another room of this case. */
  other(name: string): string
  /** A name nobody used. */
  name(): string
  /** A connection without a hello. */
  line(options?: Partial<Pick<LineOptions, 'protocols' | 'origin'>>): Promise<Line>
  /** A hello with changes, and what came of it. */
  greet(account: Account, more?: object): Promise<Line>
  /** Welcomed, and in these rooms (the case's own one unless told). */
  join(account: Account, rooms?: readonly string[]): Promise<Guest>
  /** A stamp of server time, later than those before. `aheadMs` moves it. */
  stamp(aheadMs?: number): string
  message(more?: Partial<Message>): Message
  update(messageId: string, op: Update['op'], more?: Partial<Update>): Update
  /** Writes one message and waits for its ack. */
  write(guest: Guest, more?: Partial<Message>): Promise<Written>
  /** A forward page from the start of the room, or as told. */
  page(guest: Guest, more?: object): Promise<ServerFrames['sync_response']>
  end(): void
}

/** A message that the server has. */
export interface Written {
  readonly frame: Message
  readonly ack: ServerFrames['ack']
  readonly messageId: string
}

export function createStage({ url, patienceMs, accounts, prefix, over }: Target, number: number): Stage {
  const [alice, bob, carol] = accounts
  const lines: Line[] = []
  const room = `${prefix}${number}`
  let names = 0
  let counter = 0
  let serverAheadMs = 0

  const name = () => `${room}-${++names}`
  const now = () => Date.now() + serverAheadMs

  async function line(options = {}): Promise<Line> {
    const opened = await openLine({ url, patienceMs, over, ...options })
    lines.push(opened)
    return opened
  }

  async function greet(account: Account, more: object = {}): Promise<Line> {
    const opened = await line()
    opened.send({ type: 'hello', v: 1, token: account.token, device: name(), ...more })
    return opened
  }

  async function join(account: Account, rooms: readonly string[] = [room]): Promise<Guest> {
    const opened = await greet(account, { rooms: rooms.map((each) => ({ room: each })) })
    const welcome = await opened.next('welcome')
    serverAheadMs = welcome.t - Date.now()
    for (const each of rooms) await opened.next('subscribed', { room: each })
    // What a server tells beside it, such as marks of readers, is no part of the case.
    await opened.settle()
    return Object.assign(opened, { user: account.user, welcome })
  }

  const stamp = (aheadMs = 0) => formatStamp(now() + aheadMs, ++counter, 'conformance')
  const message = (more: Partial<Message> = {}): Message => ({
    type: 'message',
    id: name(),
    room,
    stamp: stamp(),
    body: { text: 'Hello' },
    attempt: 1,
    at: now(),
    ...more,
  })
  const update = (messageId: string, op: Update['op'], more: Partial<Update> = {}): Update => ({
    type: 'message_update',
    id: name(),
    room,
    messageId,
    op,
    stamp: stamp(),
    attempt: 1,
    at: now(),
    ...more,
  })

  return {
    room,
    alice,
    bob,
    carol,
    name,
    line,
    greet,
    join,
    stamp,
    message,
    update,
    other: (which) => `${room}-${which}`,
    async write(guest, more) {
      const frame = message(more)
      guest.send(frame)
      const ack = await guest.next('ack', { id: frame.id })
      return { frame, ack, messageId: ack.messageId ?? '' }
    },
    async page(guest, more = {}) {
      const id = name()
      guest.send({ type: 'sync_request', id, room, limit: 200, ...more })
      return guest.next('sync_response', { id })
    },
    end() {
      for (const each of lines) each.close()
    },
  }
}

/** One thing that a server must do. */
export interface Case {
  readonly name: string
  /** Where it is written: a section of the protocol and the number of its sentence, `message 4`. */
  readonly says: string
  /** What only this way can show. */
  readonly only?: Way
  run(stage: Stage): Promise<void>
}
