import { type Client, type Clock, createClientOn, type Storage } from 'tidings/core'
import { createPuppetLifecycle, createSeededRandom, type MemoryDisk, type MemoryLocks } from 'tidings/testing'
import { createWay } from './way.js'
import { createWire, type Wire, type WireParts } from './wire.js'

/** A device: what survives the lives of the clients on it. */
export interface Device {
  readonly user: string
  readonly disk: MemoryDisk
  readonly locks: MemoryLocks
}

export interface LifeParts extends Omit<WireParts, 'chance'> {
  readonly device: Device
  /** Of the servers. */
  readonly urls: readonly [string, ...string[]]
  readonly token: (user: string) => Promise<string>
  /** No two lives may share one: ids are made from it. */
  readonly seed: number
}

/** One run of a client on a device, from its start to its end without a word. */
export interface Life {
  readonly client: Client
  readonly wire: Wire
  /** The platform says that the network is back. */
  online(): void
  /** As after a kill: what was not committed never happened, no timer fires, no socket tells anything any more. */
  kill(): void
}

/** A clock whose timers can all be stopped at once. */
function createMortalClock(clock: Clock): Clock & { stop(): void } {
  const running = new Set<() => void>()
  let stopped = false
  return {
    now: clock.now,
    after(ms, fn) {
      if (stopped) return () => undefined
      const cancel = clock.after(ms, () => {
        running.delete(cancel)
        fn()
      })
      running.add(cancel)
      return () => {
        running.delete(cancel)
        cancel()
      }
    },
    stop() {
      stopped = true
      for (const cancel of running) cancel()
      running.clear()
    },
  }
}

export function createLife({ device, urls, token, seed, ...rest }: LifeParts): Life {
  const { user, disk } = device
  const random = createSeededRandom(seed)
  // Texts that the network holds back outlive the process that sent them: the wire has a clock of its own.
  const wire = createWire({ ...rest, chance: random.next })
  const clock = createMortalClock(rest.clock)
  const lifecycle = createPuppetLifecycle()
  const locks = device.locks.context()
  const storage: Storage = disk.storage()
  const platform = { clock, random, storage, connect: wire.connect, lifecycle, locks }
  const way = createWay(urls, user, clock)
  const client = createClientOn(platform, { url: way.url, user, token: () => token(user) })
  way.follow(client.connection)
  return {
    client,
    wire,
    online: () => lifecycle.signal('online'),
    kill() {
      disk.crash(storage)
      clock.stop()
      wire.die()
      locks.vanish()
    },
  }
}
