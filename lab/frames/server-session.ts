import {
  type ClientFrame,
  clientFrames,
  decodeServerText,
  encodeFrames,
  formatStamp,
  type ServerFrame,
} from 'tidings/protocol'
import { createSeededRandom, createTimeline } from 'tidings/testing'
import {
  createMemoryLog,
  createServerCore,
  type Log,
  type ServerCore,
  type ServerCoreOptions,
} from 'tidings-server/core'
import { Broken } from '../sim/laws.js'
import { type Chance, createChance } from './chance.js'
import { createPieces, type Pieces } from './pieces.js'
import type { Counter } from './tally.js'
import { HOSTILE_KEYS, type Words } from './values.js'

const MIX = { fitting: 7, spoilt: 2.5, strange: 0.5 }
const USERS = ['alice', 'bob', '__proto__'] as const
const ROOMS = ['general', 'other', '__proto__', '@alice', 'dm:alice:bob'] as const
const LINES = 4
/** Texts until a connection is made anew: a server ends those that break the protocol, and a burst is worth more than a trickle. */
const TEXTS = 40

/** One connection, and what it got. */
interface Line {
  readonly user: string
  readonly receive: (text: unknown) => void
  /** What was wrong with what came. Told later: a server takes what a socket throws for the socket's end. */
  readonly faults: readonly string[]
  readonly hangUp: () => void
  closed: boolean
  heard: ServerFrame[]
}

/** How a test plants a defect in the server that the frames reach. */
export type SpoilServer = (core: ServerCore) => ServerCore

interface Ground {
  readonly chance: Chance
  readonly timeline: ReturnType<typeof createTimeline>
  readonly log: Log
  readonly core: ServerCore
}

/** Opens a connection whose every text from the server is read: a server says nothing that it would not take as a client. */
function dial(core: ServerCore, user: string): Line {
  const faults: string[] = []
  const inbound = core.opened({
    send(text) {
      if (line.closed) faults.push('something was sent after a close')
      const { frames, refused: all } = decodeServerText(text)
      // Types of a later version are no mistake.
      const refused = all.filter(({ fault }) => fault !== 'unknown_type')
      if (refused[0])
        faults.push(
          `the server broke the protocol: ${refused[0].fault} ${refused[0].path}: ${text.slice(0, 300)}`,
        )
      // Only who talks sense keeps what is answered.
      line.heard = [...line.heard, ...frames].slice(-KEPT)
    },
    close(_code, reason) {
      if (line.closed) faults.push('a connection was closed twice')
      if (JSON.parse(reason) === null) faults.push('a close has no reason')
      line.closed = true
    },
    bufferedAmount: 0,
  })
  const line: Line = {
    user,
    faults,
    closed: false,
    heard: [],
    receive(text) {
      try {
        inbound.received(text)
      } catch (cause) {
        throw new Broken(`a text threw ${String(cause)}: ${String(text).slice(0, 400)}`)
      }
    },
    hangUp() {
      line.closed = true
      inbound.closed()
    },
  }
  return line
}

/** What a line remembers of the answers. */
const KEPT = 16

const hello = (user: string): ClientFrame => ({
  type: 'hello',
  v: 1,
  device: 'd',
  token: user,
  rooms: ROOMS.map((room) => ({ room })),
})

function wordsOf({ chance, timeline }: Ground): Words {
  const ids = ['a', 'b', 'c', 'd', '__proto__', 'toString']
  return {
    text(key) {
      switch (key) {
        case 'room':
        case 'rooms':
          return chance.one(ROOMS)
        case 'id':
        case 'messageId':
        case 'replyTo':
        case 'messageIds':
          return `${chance.pick(ids)}${chance.whole(20)}`
        case 'token':
          return chance.one([...USERS, 'nobody'])
        case 'users':
        case 'recipientId':
          return chance.one([...USERS, ...HOSTILE_KEYS])
        case 'stamp':
          return formatStamp(
            timeline.now() + chance.one([0, 0, 1_000, -1e9, 1e9]),
            chance.whole(99),
            'fuzz-------',
          )
        default:
          return undefined
      }
    },
    number(key) {
      if (key === 'seq' || key === 'upTo') return chance.whole(40)
      if (key === 'v') return 1
      if (key === 'at' || key === 'ts') return timeline.now()
      return undefined
    },
  }
}

async function attack(ground: Ground, count: number, counter: Counter): Promise<void> {
  const { chance, timeline, core } = ground
  const pieces: Pieces = createPieces(chance, clientFrames, wordsOf(ground), MIX)
  const lines: Line[] = []
  const fresh = (): Line => {
    const line = dial(core, chance.one(USERS))
    if (chance.chance(0.95)) line.receive(encodeFrames([hello(line.user)]))
    return line
  }
  for (let told = 0, texts = 0; told < count; texts++) {
    const at = chance.whole(LINES)
    const line = lines[at]
    if (!line || line.closed || texts % TEXTS === 0) {
      if (line && !line.closed) line.hangUp()
      lines[at] = fresh()
      await timeline.settle()
      continue
    }
    const made = Array.from({ length: 1 + chance.whole(12) }, () => pieces.next())
    // A second hello ends everything: let it come now and then.
    const sent = made.filter(({ kind }) => kind !== 'hello' || chance.chance(0.02))
    for (const { kind, owed } of sent) counter.count(kind, owed.is)
    told += sent.length
    checkHeard(line)
    line.receive(`[${sent.map(({ text }) => text).join()}]`)
    await timeline.advance(chance.chance(0.1) ? chance.whole(6_000) : 0)
  }
  for (const line of lines) if (!line.closed) line.hangUp()
}

/** A server says only what a client can read. */
function checkHeard({ faults }: Line): void {
  if (faults[0] !== undefined) throw new Broken(faults[0])
}

function heard<T extends ServerFrame['type']>(line: Line, type: T) {
  return line.heard.some((frame) => frame.type === type)
}

/** Two people talk as if nothing had been. */
async function converse({ timeline, core }: Ground): Promise<void> {
  const [carol, dave] = ['carol', 'dave'].map((user) => dial(core, user))
  if (!carol || !dave) return
  for (const line of [carol, dave]) line.receive(encodeFrames([hello(line.user)]))
  await timeline.settle()
  for (const room of ROOMS) {
    if (room.startsWith('@')) continue
    carol.heard = []
    dave.heard = []
    const stamp = formatStamp(timeline.now(), 0, 'carols-----')
    const message: ClientFrame = {
      type: 'message',
      id: `after ${room}`,
      room,
      stamp,
      body: 'hello',
      attempt: 1,
      at: 0,
    }
    carol.receive(encodeFrames([message]))
    await timeline.settle()
    checkHeard(carol)
    if (!heard(carol, 'ack')) throw new Broken(`a message to ${room} was not acknowledged`)
    if (!heard(dave, 'event')) throw new Broken(`a message in ${room} did not arrive`)
  }
  for (const line of [carol, dave]) line.hangUp()
}

/** Plays one session of client frames against a real server core; then it has to serve, and to leave nothing when it ends. */
export async function playServer(
  seed: number,
  count: number,
  counter: Counter,
  spoil: SpoilServer = (core) => core,
): Promise<void> {
  const timeline = createTimeline({ turns: 1 })
  const log = createMemoryLog({ clock: timeline.clock() })
  const options: ServerCoreOptions = {
    log,
    clock: timeline.clock(),
    random: createSeededRandom(seed),
    verify: (token) => (token && token !== 'nobody' ? { user: token } : 'refused'),
    authorize: ({ room, user }) => (room === 'other' && user === '__proto__' ? 'not_member' : 'allow'),
    limits: { rate: null },
  }
  const core = spoil(createServerCore(options))
  const ground: Ground = { chance: createChance(seed), timeline, log, core }
  await attack(ground, count, counter)
  await timeline.settle()
  if (core.connections > 0) throw new Broken(`${core.connections} connections are left of those that hung up`)
  await converse(ground)
  core.close()
  await timeline.settle()
  if (timeline.pending > 0) throw new Broken(`${timeline.pending} timers of a server that ended`)
}
