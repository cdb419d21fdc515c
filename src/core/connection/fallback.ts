import * as LIMITS from '../limits.js'
import type { Clock } from '../seams/clock.js'
import type { Closed, Connect, Transport, TransportEvents } from '../seams/transport.js'
import { createWays, type Ways } from './ways.js'

/** What a fallback chooses from, and what it tells time by. */
export interface FallbackParts {
  /** The best first: the others are left for it. It must say that it is open only once the server has answered, as a WebSocket does. */
  readonly connects: readonly Connect[]
  readonly clock: Clock
}

interface Parts {
  readonly clock: Clock
  readonly ways: Ways
  readonly url: string
}

/** For the owner of a transport an ending like any other, after which it may come back at once. */
const BETTER_WAY: Closed = { code: 4001, reason: '{"code":"better_way","retryAfter":0}' }
/** Codes from here on are the server's own words: it was reached. */
const FIRST_OWN_CODE = 4000

/** Tries the best way from time to time until it opens. Returns what ends it. */
function watchFor(best: Connect, { clock, ways, url }: Parts, onOpen: () => void): () => void {
  let stop = (): void => {}

  function wait(): void {
    stop = clock.after(ways.returnsInMs(), attempt)
  }

  function attempt(): void {
    let over = false
    const end = (isOpen: boolean): void => {
      if (over) return
      stop()
      if (isOpen) onOpen()
      else {
        ways.stillBlocked()
        wait()
      }
    }
    const transport = best(url, { onOpen: () => end(true), onText() {}, onClose: () => end(false) })
    const cancel = clock.after(LIMITS.wayPatienceMs, () => end(false))
    stop = () => {
      over = true
      cancel()
      transport.close()
    }
  }

  wait()
  return () => stop()
}

/** One attempt over one way. `best` where that is another one. */
function start(
  connect: Connect,
  best: Connect | undefined,
  parts: Parts,
  events: TransportEvents,
): Transport {
  const { clock, ways, url } = parts
  let state: 'waiting' | 'heard' | 'closing' | 'over' = 'waiting'
  let stopWatch = (): void => {}

  function end(closed: Closed): void {
    state = 'over'
    stop()
    events.onClose(closed)
  }

  function stop(): void {
    cancelPatience()
    stopWatch()
  }

  function leave(closed: Closed): void {
    end(closed)
    transport.close()
  }

  function heard(): void {
    state = 'heard'
    cancelPatience()
    ways.heard()
    if (!best) return
    stopWatch = watchFor(best, parts, () => {
      ways.opened()
      leave(BETTER_WAY)
    })
  }

  const transport = connect(url, {
    onOpen() {
      if (state !== 'over') events.onOpen()
    },
    onText(text) {
      if (state === 'over') return
      if (state === 'waiting') heard()
      events.onText(text)
    },
    onClose(closed) {
      if (state === 'over') return
      if (state === 'waiting') {
        if (closed.code < FIRST_OWN_CODE) ways.failed()
        else ways.heard()
      }
      end(closed)
    },
  })
  const cancelPatience = clock.after(LIMITS.wayPatienceMs, () => {
    ways.silent()
    leave({ code: 1006, reason: `nothing came over ${transport.kind}` })
  })

  return {
    kind: transport.kind,
    get bufferedAmount() {
      return transport.bufferedAmount
    },
    send: transport.send,
    close(code, reason) {
      if (state === 'over') return
      state = 'closing'
      stop()
      transport.close(code, reason)
    },
  }
}

/**
 * A connect made of connects: the best way first, the others where it is blocked. A way is left after two openings in a row that failed,
 * or after 8 s on which nothing came. What works is kept; meanwhile the best way is tried again, after 30 s and then less and less often, and
 * once it opens the transport in use closes with 4001, so that its owner comes back by it. `kind` says which way it is.
 */
export function createFallback({ connects, clock }: FallbackParts): Connect {
  const ways = createWays(connects.length, clock)
  const [best] = connects
  if (!best) throw new TypeError('A fallback needs at least one way to connect.')
  return (url, events) => {
    const way = ways.take()
    return start(connects[way] ?? best, way === 0 ? undefined : best, { clock, ways, url }, events)
  }
}
