import {
  type Client,
  createClientOn,
  type Platform,
  presence,
  receipts,
  type TidingsError,
  typing,
} from 'tidings/core'
import type { ClientFrame, ClientFrames } from 'tidings/protocol'
import {
  createMemoryDisk,
  createMemoryLocks,
  createMemoryNetwork,
  createPuppetLifecycle,
  createPuppetServer,
  createSeededRandom,
  createTimeline,
  type PuppetServer,
} from 'tidings/testing'
import { type Chance, createChance } from './chance.js'

export const URL = 'memory://server'
export const USER = 'alice'
/** The rooms that the page shows; the last one is a name that hurts. */
export const ROOMS = ['general', 'other', '__proto__'] as const
export type RoomName = (typeof ROOMS)[number]

/** What is different about the platform, for canaries. */
export type Tamper = (platform: Platform) => Platform

/** A page with everything that it can show open, and a server in front of it that says what it is told to say. */
export interface Scene {
  readonly chance: Chance
  readonly timeline: ReturnType<typeof createTimeline>
  readonly network: ReturnType<typeof createMemoryNetwork>
  readonly random: ReturnType<typeof createSeededRandom>
  readonly disk: ReturnType<typeof createMemoryDisk>
  readonly lifecycle: ReturnType<typeof createPuppetLifecycle>
  readonly puppet: PuppetServer
  readonly client: Client
  readonly errors: Map<TidingsError['code'], number>
  /** Keys of what was sent, with the room: each of it is owed to the user until somebody says that it is kept. */
  readonly sent: Map<string, RoomName>
  /** Messages that the person changed, by room: a change that was refused is found by the name of its message, shown or not. */
  readonly changed: ReadonlyMap<RoomName, Set<string>>
  /** The last position that the liar led each room to. */
  readonly heads: Map<string, number>
  /** The newest frames of a type that the client sent, the latest last. */
  asked<T extends keyof ClientFrames>(type: T): readonly ClientFrames[T][]
  /** From now on the client reaches the network instead of the liar. */
  turnHonest(): void
  /** Lets go of the rooms and opens them anew, as a page does that is left and entered again. */
  reopenRooms(): void
}

/** Only the newest frames matter to a liar, and a session is long. */
const REMEMBERED = 400

function show(client: Client): () => void {
  const nothing = () => {}
  const stops = ROOMS.flatMap((name) => {
    const room = client.room(name)
    const { state } = receipts(room)
    // Lists that are made when they are looked at are looked at.
    return [
      room.open(),
      room.timeline.subscribe(() => room.timeline.get()),
      state.subscribe(() => state.get().readers),
      typing(room).users.subscribe(nothing),
      presence(client).inRoom(name).subscribe(nothing),
    ]
  })
  return () => {
    for (const stop of stops) stop()
  }
}

export function createScene(seed: number, tamper: Tamper = (platform) => platform): Scene {
  const timeline = createTimeline({ turns: 1 })
  const network = createMemoryNetwork({ clock: timeline.clock() })
  const disk = createMemoryDisk()
  const puppet = createPuppetServer(timeline.clock())
  const lifecycle = createPuppetLifecycle()
  const random = createSeededRandom(seed)
  let honest = false
  const platform = tamper({
    clock: timeline.clock(),
    random,
    storage: disk.storage(),
    connect: (url, events) => (honest ? network.connect(url, events) : puppet.connect(url, events)),
    lifecycle,
    locks: createMemoryLocks().context(),
  })
  const client = createClientOn(platform, { url: URL, user: USER, token: () => USER })
  const errors: Scene['errors'] = new Map()
  const sent: Scene['sent'] = new Map()
  client.on('confirmed', ({ key }) => {
    // What a liar says that it has is the liar's to keep.
    if (!honest) sent.delete(key)
  })
  client.on('error', ({ code }) => errors.set(code, (errors.get(code) ?? 0) + 1))
  client.rooms.subscribe(() => {})
  client.sync.subscribe(() => {})
  client.outbox.subscribe(() => {})
  presence(client)
    .of('bob')
    .subscribe(() => {})
  let stop = show(client)

  return {
    timeline,
    network,
    random,
    disk,
    lifecycle,
    puppet,
    client,
    errors,
    chance: createChance(seed),
    sent,
    changed: new Map(ROOMS.map((name) => [name, new Set()])),
    heads: new Map(),
    asked<T extends keyof ClientFrames>(type: T) {
      const of = (frame: ClientFrame): frame is ClientFrames[T] => frame.type === type
      return puppet.received.slice(-REMEMBERED).filter(of)
    },
    turnHonest() {
      honest = true
    },
    reopenRooms() {
      stop()
      stop = show(client)
    },
  }
}
