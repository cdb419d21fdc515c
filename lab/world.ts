import {
  type Client,
  createClientOn,
  type Locks,
  type LockWish,
  type Platform,
  type Storage,
  type TidingsError,
  type TokenSource,
} from 'tidings/core'
import {
  createMemoryDisk,
  createMemoryLocks,
  createMemoryNetwork,
  createPuppetLifecycle,
  createSeededRandom,
  createTimeline,
  type MemoryDisk,
  type MemoryLink,
  type MemoryServer,
  type PuppetLifecycle,
  type TimelineClock,
} from 'tidings/testing'
import {
  createMemoryLog,
  createServerCore,
  type Log,
  type ServerCore,
  type ServerCoreOptions,
} from 'tidings-server/core'
import { createTabClock } from './tab-clock.js'

export const URL = 'memory://server'

/** A client whose disk does not answer gives it up after some seconds. */
const ENDED_WITHIN_MS = 60_000
const END_STEP_MS = 100

/** One profile of a user: a disk and locks that survive every client made on them. */
export interface Profile {
  readonly user: string
  readonly disk: MemoryDisk
  readonly locks: ReturnType<typeof createMemoryLocks>
}

/** One tab: a client with its own link, clock and page. */
export interface Tab {
  readonly client: Client
  readonly link: MemoryLink
  readonly clock: TimelineClock
  readonly lifecycle: PuppetLifecycle
  readonly storage: Storage
  readonly errors: TidingsError[]
  /** Nothing of it runs any more until the returned function is called: timers that fall due meanwhile fire then. */
  freeze(): () => void
  /** Its timers fire late, at multiples of so many ms, until the returned function is called. */
  throttle(everyMs: number): () => void
  /** The tab is gone without a word, as after a crash. */
  crash(): void
  /** The tab is closed as it should be. */
  close(): Promise<void>
  /** Timers of the client that wait. */
  timers(): number
  /** What runs, waits or is held on its behalf, as words; nothing once it was closed and its network had time for a goodbye. */
  left(): readonly string[]
}

/** How a world is made; the rest is the server's. */
export interface WorldOptions extends Partial<ServerCoreOptions> {
  /** Of the network one way, and of nothing else. */
  readonly latencyMs?: number
  /** With it, texts take between half of the latency and one and a half. */
  readonly jitter?: boolean
  readonly seed?: number
  /** Of the disks: a read, and each half of a transaction. 0 unless given. */
  readonly diskMs?: number
  /** See the timeline. */
  readonly turns?: number
  /** Turns away whoever connects with this code, without a word; undefined lets them in. */
  readonly door?: () => number | undefined
}

/** What is special about a tab. */
export interface TabOptions {
  /** How far its wall clock is ahead. */
  readonly offsetMs?: number
  /** False where contexts cannot exclude each other. */
  readonly locks?: boolean
  /** The user's name unless given. */
  readonly token?: TokenSource
  /** Stands between the client and its platform. */
  readonly seams?: (platform: Platform) => Platform
}

/** Locks that know how many requests wait or hold, and tell a frozen page nothing. */
function countLocks(locks: Locks, tell: (fn: () => void) => void) {
  const asked = new Set<object>()
  return {
    counted: {
      request(name: string, onGranted: () => void, { onLost, ...wish }: LockWish = {}) {
        const one = {}
        asked.add(one)
        const unlessLeft = (fn?: () => void) => () => tell(() => asked.has(one) && fn?.())
        const release = locks.request(name, unlessLeft(onGranted), { ...wish, onLost: unlessLeft(onLost) })
        return () => {
          asked.delete(one)
          release()
        }
      },
    },
    asked: () => asked.size,
  }
}

/** Real clients and the real server core on a virtual timeline. Everything that is real but the platform. */
export function createWorld(options: WorldOptions = {}) {
  const timeline = createTimeline(options.turns === undefined ? {} : { turns: options.turns })
  const random = createSeededRandom(options.seed ?? 1)
  const network = createMemoryNetwork({
    clock: timeline.clock(),
    latencyMs: options.latencyMs ?? 0,
    ...(options.jitter && { random }),
  })
  let log = options.log ?? createMemoryLog({ clock: timeline.clock() })
  let core: ServerCore | undefined
  let server: MemoryServer | undefined
  const clients = new Set<Client>()

  function startServer(): void {
    const made = createServerCore({
      clock: timeline.clock(),
      random,
      verify: (token) => (token ? { user: token } : 'refused'),
      authorize: () => 'allow',
      ...options,
      log,
    })
    core = made
    server = network.listen(URL, (socket) => {
      const code = options.door?.()
      if (code !== undefined) {
        socket.close(code)
        return { received() {}, closed() {} }
      }
      const inbound = made.opened({
        send: (text) => socket.send(text),
        close: (code, reason) => socket.close(code, reason),
        get bufferedAmount() {
          return socket.bufferedAmount
        },
      })
      return { received: (text) => inbound.received(text), closed: () => inbound.closed() }
    })
  }

  /** The process dies: what was committed stays in the log. */
  function killServer(): void {
    server?.kill()
    core?.close()
  }

  const profile = (user: string): Profile => ({
    user,
    disk: createMemoryDisk({ clock: timeline.clock(), latencyMs: options.diskMs ?? 0 }),
    locks: createMemoryLocks(),
  })

  function tab(on: Profile, more: TabOptions = {}): Tab {
    const link = network.link()
    const tabClock = createTabClock(timeline.clock(more.offsetMs ?? 0), timeline.now)
    const clock = tabClock.own
    const lifecycle = createPuppetLifecycle()
    const storage = on.disk.storage()
    const context = on.locks.context()
    const { counted, asked } = countLocks(context, tabClock.tell)
    const errors: TidingsError[] = []
    const platform = {
      clock,
      random,
      storage,
      connect: link.connect,
      lifecycle,
      ...(more.locks !== false && { locks: counted }),
    }
    const client = createClientOn(more.seams?.(platform) ?? platform, {
      url: URL,
      user: on.user,
      token: more.token ?? (() => on.user),
    })
    client.on('error', (error) => errors.push(error))
    clients.add(client)
    return {
      client,
      link,
      clock,
      lifecycle,
      storage,
      errors,
      freeze() {
        tabClock.freeze()
        const heal = link.blackHole()
        return () => {
          tabClock.thaw()
          heal()
        }
      },
      throttle: tabClock.throttle,
      async close() {
        clients.delete(client)
        await client.destroy()
      },
      timers: () => tabClock.pending,
      left() {
        const left = {
          timers: tabClock.pending,
          listeners: lifecycle.listeners,
          connections: link.open,
          stores: on.disk.openBy(storage),
          locks: asked(),
        }
        return Object.entries(left).flatMap(([what, count]) => (count > 0 ? `${count} ${what}` : []))
      },
      crash() {
        tabClock.end()
        // Nobody will hear of it again: it is not asked to end, either.
        clients.delete(client)
        on.disk.crash(storage)
        context.vanish()
        link.blackHole()
        link.refuse(true)
      },
    }
  }

  startServer()
  return {
    timeline,
    network,
    random,
    profile,
    /** The log that the next server is started on. */
    setLog(next: Log) {
      log = next
    },
    get log() {
      return log
    },
    tab,
    startServer,
    killServer,
    get core() {
      if (!core) throw new Error('No server runs.')
      return core
    },
    async end(): Promise<void> {
      let isOver = false
      const ended = Promise.all([...clients].map((client) => client.destroy())).finally(() => {
        isOver = true
      })
      // A disk takes its steps to finish what was begun, and one that faults have left slow or deaf takes its time.
      for (let ms = 0; !isOver && ms < ENDED_WITHIN_MS; ms += END_STEP_MS) await timeline.advance(END_STEP_MS)
      if (!isOver) throw new Error('A client does not end.')
      await ended
      core?.close()
    },
  }
}

export type World = ReturnType<typeof createWorld>
