import { onTestFinished } from 'vitest'
import { createClientOn } from '../../../src/core/client.js'
import type { TidingsError } from '../../../src/core/errors.js'
import type { Clock } from '../../../src/core/seams/clock.js'
import type { Storage } from '../../../src/core/seams/storage.js'
import { type ClientFrames, formatStamp, type ServerFrames } from '../../../src/protocol/index.js'
import {
  createMemoryDisk,
  createMemoryLocks,
  createPuppetLifecycle,
  createPuppetServer,
  createSeededRandom,
  createTimeline,
  type DiskSnapshot,
  type MemoryDisk,
} from '../../../src/testing/index.js'

export const URL = 'memory://puppet'
type Event = ServerFrames['event']
type Page = ServerFrames['sync_response']

export interface PuppetWorldOptions {
  readonly user?: string
  readonly token?: () => Promise<string> | string
  readonly diskLatencyMs?: number
  /** What the disk holds at the beginning. */
  readonly snapshot?: DiskSnapshot
  readonly storage?: (disk: MemoryDisk, clock: Clock) => Storage
}

/** The cursor of a position, as the puppet names it. */
export const at = (seq: number): string => `c${seq}`

/** One client on a disk in memory, and a server whose every frame the test writes. */
export function createPuppetWorld(options: PuppetWorldOptions = {}) {
  const timeline = createTimeline()
  const disk = createMemoryDisk({ clock: timeline.clock(), latencyMs: options.diskLatencyMs ?? 0 })
  if (options.snapshot) disk.restore(options.snapshot)
  const server = createPuppetServer(timeline.clock())
  const lifecycle = createPuppetLifecycle()
  const random = createSeededRandom(1)
  const locks = createMemoryLocks()
  const user = options.user ?? 'alice'

  function open() {
    const client = createClientOn(
      {
        clock: timeline.clock(),
        random,
        storage: options.storage?.(disk, timeline.clock()) ?? disk.storage(),
        connect: server.connect,
        lifecycle,
        locks: locks.context(),
      },
      { url: URL, user, token: options.token ?? (() => 'token') },
    )
    const errors: TidingsError[] = []
    client.on('error', (error) => errors.push(error))
    return { client, errors }
  }

  /** A committed create of bob's, as a live event. */
  const event = (seq: number, more: Partial<Event> = {}): Event => ({
    type: 'event',
    room: 'general',
    seq,
    cursor: at(seq),
    prev: at(seq - 1),
    messageId: `m${seq}`,
    id: `op${seq}`,
    from: 'bob',
    stamp: formatStamp(timeline.now(), seq, 'bobs-clock-'),
    ts: timeline.now(),
    kind: 'create',
    body: seq,
    version: 1,
    ...more,
  })

  /** The same as an entry of a page. */
  function entry(seq: number, more: Partial<Event> = {}): Page['messages'][number] {
    const { type: _type, room: _room, cursor: _cursor, prev: _prev, ...rest } = event(seq, more)
    return rest
  }

  const framesOf = <T extends keyof ClientFrames>(type: T): ClientFrames[T][] =>
    server.received.filter((frame): frame is ClientFrames[T] => frame.type === type)

  /** Answers the last request for a page with everything up to `head`. */
  function page(head: number, messages: Page['messages'], more: Partial<Page> = {}): void {
    const { id = '', room = '', cursor, dir } = framesOf('sync_request').at(-1) ?? {}
    if ((more.id ?? id) === '') throw new Error('No page was asked for.')
    const last = { cursor: at(head), seq: head, hasMore: false, head }
    // A page that begins with the log follows nothing.
    const prev = cursor ?? (dir === 'backward' ? at(0) : null)
    server.send({ type: 'sync_response', id, room, messages, prev, ...last, ...more })
  }

  const subscribed = (head = 0, room = 'general'): ServerFrames['subscribed'] => ({
    type: 'subscribed',
    room,
    seq: head,
    cursor: at(head),
    head,
    first: 1,
    unread: 0,
  })

  let made = open()
  return {
    timeline,
    disk,
    server,
    lifecycle,
    user,
    get client() {
      return made.client
    },
    get errors() {
      return made.errors
    },
    codes: () => made.errors.map((error) => error.code),
    event,
    entry,
    framesOf,
    page,
    subscribed,
    /** Connects and is welcomed; the rooms asked for are left to the test. */
    async welcome(more: Partial<ServerFrames['welcome']> = {}): Promise<void> {
      made.client.connect()
      await timeline.settle()
      // After a lost connection it comes back by itself.
      while (!server.waiting) await timeline.advance(100)
      server.welcome({ user, ...more })
      await timeline.settle()
    },
    /** Follows a room whose log has nothing in it yet, up to live. */
    async live(): Promise<void> {
      made.client.room('general').open()
      await this.welcome()
      await this.catchUp()
    },
    /** The room stands at `head`; what the client lacks comes in one page. */
    async catchUp(head = 0, messages: Page['messages'] = []): Promise<void> {
      const before = framesOf('sync_request').length
      server.send(subscribed(head))
      await timeline.settle()
      const room = framesOf('hello')
        .at(-1)
        ?.rooms?.find((one) => one.room === 'general')
      const pushes = room?.cursor !== undefined && room.pages !== undefined && room.cursor !== at(head)
      if (framesOf('sync_request').length > before) page(head, messages)
      else if (pushes) page(head, messages, { id: 'general', room: 'general', prev: room.cursor })
      await timeline.settle()
    },
    /** The page is loaded again: a new client on the same disk. */
    async reload(): Promise<void> {
      await made.client.destroy()
      await timeline.settle()
      server.received.length = 0
      made = open()
    },
    async end(): Promise<void> {
      const ended = made.client.destroy()
      // A slow disk and a close that has to be answered take their time.
      await timeline.advance(5_000)
      await ended
    },
  }
}

export type PuppetWorld = ReturnType<typeof createPuppetWorld>

/** The same, ended with the test that made it. */
export function newPuppet(options?: PuppetWorldOptions): PuppetWorld {
  const puppet = createPuppetWorld(options)
  onTestFinished(() => puppet.end())
  return puppet
}
