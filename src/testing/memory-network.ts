import type { Clock } from '../core/seams/clock.js'
import type { Random } from '../core/seams/random.js'
import type { Connect } from '../core/seams/transport.js'
import { checkNoise, createCarry, type Noise } from './network-noise.js'
import { createPipe } from './network-pipe.js'
import { type Accept, createWire, type Way, type Wire } from './network-wire.js'

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
  /**
   * Loses, doubles, disorders or cuts texts that are sent from now on, until the returned function is called. Of both directions unless
   * told otherwise. Throws where a share needs chance and the network has none.
   */
  noise(noise: Noise, ...directions: Direction[]): () => void
  /**
   * The client loses what is connected (code 1006) and the server does not notice: what was on its way, and what it says meanwhile,
   * arrives after `ms`, when the client has long connected again. Then the server sees the break. What the client hears of a connection
   * that is over breaks the law of transports, on purpose. Needs a clock.
   */
  abandon(ms: number): void
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

const orBoth = (directions: readonly Direction[]): readonly Direction[] =>
  directions.length > 0 ? directions : ['up', 'down']

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
    const noises: Record<Direction, Set<Noise>> = { up: new Set(), down: new Set() }
    let ms = latencyMs
    let refuses = false
    const takes = () => (random === undefined ? ms : ms * (0.5 + random.next()))
    const way = (direction: Direction): Way => {
      const pipe = createPipe(clock, takes, () => holes[direction] > 0)
      return { pipe, carry: createCarry(pipe, () => noises[direction], random, takes) }
    }

    const connect: Connect = (url, events) => {
      attempts++
      const [up, down] = [way('up'), way('down')]
      let listener: Listener | undefined
      const wire = createWire(up, down, events, () => {
        wires.delete(wire)
        listener?.wires.delete(wire)
      })
      wires.add(wire)
      // The attempt travels like everything else.
      up.pipe.push(0, () => {
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
        const held = orBoth(directions)
        for (const direction of held) holes[direction]++
        let over = false
        return () => {
          if (over) return
          over = true
          for (const direction of held) holes[direction]--
          for (const wire of [...wires]) wire.resume()
        }
      },
      noise(noise, ...directions) {
        checkNoise(noise, random)
        // Copied, so that the same noise twice is two.
        const made = { ...noise }
        for (const direction of orBoth(directions)) noises[direction].add(made)
        return () => {
          for (const direction of orBoth(directions)) noises[direction].delete(made)
        }
      },
      abandon(ms) {
        if (clock === undefined) throw new Error('a network without a clock cannot deliver anything later')
        for (const wire of [...wires]) {
          wires.delete(wire)
          clock.after(ms, wire.abandon())
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
