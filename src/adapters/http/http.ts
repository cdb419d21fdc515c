import type { Clock } from '../../core/seams/clock.js'
import type { Closed, Connect, Transport, TransportEvents } from '../../core/seams/transport.js'
import { createSystemClock } from '../system-clock.js'
import { type Addresses, addressesOf } from './addresses.js'
import { readDownlink } from './downlink.js'
import { brokenOff } from './refusal.js'
import { createUplink } from './uplink.js'

/** What a connection over HTTP is made with. */
export interface HttpOptions {
  /** The platform's own unless given. */
  readonly fetch?: typeof fetch | undefined
  readonly clock?: Clock | undefined
}

/** `greeting`: open, and the first text, which opens the stream, is yet to come. */
type State = 'connecting' | 'greeting' | 'open' | 'closing' | 'closed'

/** How long what was said before a close may take to arrive. */
const LAST_WORDS_MS = 2_000
const NORMAL_CLOSE = 1000

/** The token in a hello, which stands in the head of every later request. */
function tokenOf(hello: string): string | undefined {
  try {
    const said: unknown = JSON.parse(hello)
    const token: unknown = typeof said === 'object' && said !== null ? Reflect.get(said, 'token') : undefined
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}

interface Parts {
  readonly fetch: typeof fetch
  readonly clock: Clock
}

function start({ fetch, clock }: Parts, addresses: Addresses, events: TransportEvents): Transport {
  const giveUp = new AbortController()
  let state: State = 'connecting'
  const uplink = createUplink({ fetch, address: addresses.frames, onRefused: end })

  function end(closed: Closed): void {
    if (state === 'closed') return
    state = 'closed'
    uplink.stop()
    giveUp.abort()
    events.onClose(closed)
  }

  function greet(hello: string): void {
    state = 'open'
    const parts = { fetch, clock, address: addresses.stream, hello, signal: giveUp.signal }
    const token = tokenOf(hello)
    readDownlink(parts, {
      onSession: (session) => uplink.begin(session, token),
      onText(text) {
        if (state === 'open') events.onText(text)
      },
    }).then(end, () => end(brokenOff('the stream failed')))
  }

  void Promise.resolve().then(() => {
    if (state !== 'connecting') return
    state = 'greeting'
    events.onOpen()
  })

  return {
    kind: 'http',
    get bufferedAmount() {
      return state === 'open' ? uplink.bufferedAmount : 0
    },
    send(text) {
      if (state === 'greeting') greet(text)
      else if (state === 'open') uplink.send(text)
    },
    close(code = NORMAL_CLOSE, reason = '') {
      if (state === 'closing' || state === 'closed') return
      state = 'closing'
      const told = (): void => {
        cancel()
        // Never inside close().
        void Promise.resolve().then(() => end({ code, reason }))
      }
      const cancel = clock.after(LAST_WORDS_MS, told)
      uplink.finish(told)
    },
  }
}

/** An attempt that cannot even begin. */
function refuse(reason: string, { onClose }: TransportEvents): Transport {
  void Promise.resolve().then(() => onClose(brokenOff(reason)))
  return { kind: 'http', bufferedAmount: 0, send() {}, close() {} }
}

/** Whether this platform hands the body of an answer over piece by piece. */
export const canStream = (): boolean =>
  typeof globalThis.fetch === 'function' &&
  typeof globalThis.TextDecoder === 'function' &&
  typeof globalThis.Response === 'function' &&
  'body' in globalThis.Response.prototype

/**
 * Connects by requests over HTTP, for networks that block WebSockets: a stream of events down, requests up. Takes the address of the
 * WebSocket, `wss://host/v1/ws`, and asks `https://host/v1/stream` and `https://host/v1/frames`. It says that it is open before anybody
 * has answered, since its first text goes with the request that opens the stream. Touches nothing until it is called.
 */
export function createHttpConnect({ fetch: given, clock = createSystemClock() }: HttpOptions = {}): Connect {
  return (url, events) => {
    const addresses = addressesOf(url)
    if (!addresses) return refuse('not an address that HTTP can ask', events)
    const fetch = given ?? globalThis.fetch
    if (!given && !canStream()) return refuse('this platform does not stream answers', events)
    return start({ fetch, clock }, addresses, events)
  }
}
