import type { Clock } from '../core/seams/clock.js'
import type { Random } from '../core/seams/random.js'
import type { Connect } from '../core/seams/transport.js'
import { createPipe } from './network-pipe.js'
import { type Accept, createWire, type Wire } from './network-wire.js'

/** How a network behaves when nothing is wrong with it. */
export interface MemoryNetworkOptions {
  /** Without one, everything arrives in a microtask. */
  readonly clock?: Clock
  /** With one, each text takes evenly between half of the latency and one and a half; order stays. */
  readonly random?: Random
  /** One way, for links that were not told otherwise. 0 unless given; needs a clock. */
  readonly latencyMs?: number
}

/** From client to server, from server to client. */
export type Direction = 'up' | 'down'

/** One client's way to the network. */
export interface MemoryLink {
  /** For the client under test. */
  readonly connect: Connect
  /** One way, for what is sent from now on. */
  latency(ms: number): void
  /** Breaks what is connected: both ends see code 1006, what was on its way is lost. New attempts succeed. */
  drop(): void
  /**
   * Lets nothing through, without a word, until the returned function is called; what was sent meanwhile arrives then, in order, unless
   * the link is dropped first. Attempts do not come back either, and a close does not get through.
   */
  blackHole(...directions: Direction[]): () => void
  /** While on, attempts fail at once. What is connected stays. */
  refuse(on: boolean): void
  /** Connections and attempts that the client has not seen the end of. */
  readonly open: number
}

/** Something that listens. */
export interface MemoryServer {
  /** New attempts fail. What is connected stays. */
  stop(): void
  /** The process is gone: new attempts fail, connections break, what was on its way is lost. */
  kill(): void
}

/** A network in memory. */
export interface MemoryNetwork {
  /** A link with faults of its own. */
  link(): MemoryLink
  /** For clients that need no faults of their own. */
  readonly connect: Connect
  /** Takes connections to exactly this url. Throws when somebody listens there already. */
  listen(url: string, accept: Accept): MemoryServer
  /** Drops every link. */
  cutAll(): void
  /** Attempts made so far. */
  readonly attempts: number
  /** Connections and attempts that their clients have not seen the end of. */
  readonly open: number
}

interface Listener {
  readonly accept: Accept
  readonly wires: Set<Wire>
}

/** A network where nobody listens yet. */
export function createMemoryNetwork({
  clock,
  random,
  latencyMs = 0,
}: MemoryNetworkOptions = {}): MemoryNetwork {
  const listeners = new Map<string, Listener>()
  const links: MemoryLink[] = []
  let attempts = 0

  function createLink(): MemoryLink {
    const wires = new Set<Wire>()
    const holes: Record<Direction, number> = { up: 0, down: 0 }
    let ms = latencyMs
    let refuses = false
    const takes = () => (random === undefined ? ms : ms * (0.5 + random.next()))
    const pipe = (direction: Direction) => createPipe(clock, takes, () => holes[direction] > 0)

    const connect: Connect = (url, events) => {
      attempts++
      const [up, down] = [pipe('up'), pipe('down')]
      let listener: Listener | undefined
      const wire = createWire(up, down, events, () => {
        wires.delete(wire)
        listener?.wires.delete(wire)
      })
      wires.add(wire)
      // The attempt travels like everything else.
      up.push(0, () => {
        listener = refuses ? undefined : listeners.get(url)
        listener?.wires.add(wire)
        wire.arrive(listener?.accept)
      })
      return wire.transport
    }

    return {
      connect,
      latency(next) {
        ms = next
      },
      drop() {
        for (const wire of [...wires]) wire.cut()
      },
      blackHole(...directions) {
        const held: readonly Direction[] = directions.length > 0 ? directions : ['up', 'down']
        for (const direction of held) holes[direction]++
        let over = false
        return () => {
          if (over) return
          over = true
          for (const direction of held) holes[direction]--
          for (const wire of [...wires]) wire.resume()
        }
      },
      refuse(on) {
        refuses = on
      },
      get open() {
        return wires.size
      },
    }
  }

  function link(): MemoryLink {
    const made = createLink()
    links.push(made)
    return made
  }

  return {
    link,
    connect: link().connect,
    listen(url, accept) {
      if (listeners.has(url)) throw new Error(`somebody listens at ${url} already`)
      const listener: Listener = { accept, wires: new Set() }
      listeners.set(url, listener)
      const stop = () => {
        if (listeners.get(url) === listener) listeners.delete(url)
      }
      return {
        stop,
        kill() {
          stop()
          for (const wire of [...listener.wires]) wire.cut()
        },
      }
    },
    cutAll() {
      for (const made of links) made.drop()
    },
    get attempts() {
      return attempts
    },
    get open() {
      return links.reduce((sum, made) => sum + made.open, 0)
    },
  }
}
