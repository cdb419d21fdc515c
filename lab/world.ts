import { type Client, createClientOn, type Storage, type TidingsError } from 'tidings/core'
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
export const URL = 'memory://server'

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
  /** The tab is gone without a word, as after a crash. */
  crash(): void
}

/** How a world is made; the rest is the server's. */
export interface WorldOptions extends Partial<ServerCoreOptions> {
  /** Of the network one way, and of nothing else. */
  readonly latencyMs?: number
  /** With it, texts take between half of the latency and one and a half. */
  readonly jitter?: boolean
  readonly seed?: number
  /** See the timeline. */
  readonly turns?: number
}

/** A tab's own clock: what it waits for stands still while it is frozen, and never comes once it is gone. */
function createTabClock(clock: TimelineClock) {
  let state: 'running' | 'frozen' | 'gone' = 'running'
  let due: (() => void)[] = []
  const own: TimelineClock = {
    ...clock,
    after(ms, fn) {
      let cancelled = false
      const fire = () => {
        if (cancelled || state === 'gone') return
        if (state === 'frozen') due.push(fire)
        else fn()
      }
      const cancel = clock.after(ms, fire)
      return () => {
        cancelled = true
        cancel()
      }
    },
  }
  return {
    own,
    freeze() {
      if (state === 'running') state = 'frozen'
    },
    thaw() {
      if (state !== 'frozen') return
      state = 'running'
      for (const fire of due.splice(0)) fire()
    },
    end() {
      state = 'gone'
      due = []
    },
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
    disk: createMemoryDisk({ clock: timeline.clock() }),
    locks: createMemoryLocks(),
  })

  function tab(on: Profile, more: { readonly offsetMs?: number; readonly locks?: boolean } = {}): Tab {
    const link = network.link()
    const tabClock = createTabClock(timeline.clock(more.offsetMs ?? 0))
    const clock = tabClock.own
    const lifecycle = createPuppetLifecycle()
    const storage = on.disk.storage()
    const context = on.locks.context()
    const errors: TidingsError[] = []
    const platform = {
      clock,
      random,
      storage,
      connect: link.connect,
      lifecycle,
      ...(more.locks !== false && { locks: context }),
    }
    const client = createClientOn(platform, { url: URL, user: on.user, token: () => on.user })
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
      const ended = Promise.all([...clients].map((client) => client.destroy()))
      await timeline.advance(1)
      await ended
      core?.close()
    },
  }
}

export type World = ReturnType<typeof createWorld>
