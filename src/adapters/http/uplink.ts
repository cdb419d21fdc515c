import type { Closed } from '../../core/seams/transport.js'
import { utf8Bytes, WIRE } from '../../protocol/index.js'
import { brokenOff, refusalOf } from './refusal.js'

/** How frames go up. */
export interface UplinkParts {
  readonly fetch: typeof fetch
  readonly address: string
  /** Told once, when a request failed or was refused. */
  readonly onRefused: (closed: Closed) => void
}

/** Texts on their way to the server: one request at a time, so that they stay in order, and in it all that gathered meanwhile. */
export interface Uplink {
  /** Bytes taken that no answer has confirmed. */
  readonly bufferedAmount: number
  send(text: string): void
  /** The stream is open: what waits may go. */
  begin(session: string, token: string | undefined): void
  /** Calls back once everything was answered, or nothing more can be. */
  finish(done: () => void): void
  /** Nothing is sent any more, and the request under way is given up. */
  stop(): void
}

/** What every request needs. */
interface Session {
  readonly name: string
  readonly token: string | undefined
}

interface Piece {
  readonly text: string
  readonly bytes: number
}

/** A browser lets a request outlive its page only if it and its like are smaller than this. */
const KEEPALIVE_BYTES = 60 * 1024
/** What a server says that took the frames. Any other success is somebody else's, such as the login page of a hotel. */
const TAKEN = 204

const bytesOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { bytes }) => sum + bytes, 0)

/** How many of the pieces fit into one request: never none. */
function countFitting(pieces: readonly Piece[]): number {
  let bytes = 0
  const end = pieces.findIndex((piece, i) => {
    // A comma or bracket each.
    bytes += piece.bytes + 1
    return i > 0 && (bytes > WIRE.clientTextBytes || i === WIRE.framesPerArray)
  })
  return end < 0 ? pieces.length : end
}

export function createUplink({ fetch, address, onRefused }: UplinkParts): Uplink {
  const giveUp = new AbortController()
  let session: Session | undefined
  let waiting: readonly Piece[] = []
  let underWay: readonly Piece[] = []
  let over = false
  let finished: (() => void) | undefined

  async function post({ name, token }: Session, pieces: readonly Piece[]): Promise<void> {
    const texts = pieces.map(({ text }) => text).join(',')
    const response = await fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: `{"session":${JSON.stringify(name)},"frames":[${texts}]}`,
      // The last words of a page that goes.
      keepalive: finished !== undefined && bytesOf(pieces) < KEEPALIVE_BYTES,
      signal: giveUp.signal,
    })
    if (response.status !== TAKEN) refused(await refusalOf(response))
  }

  function refused(closed: Closed): void {
    if (over) return
    over = true
    onRefused(closed)
  }

  function pump(): void {
    if (underWay.length > 0) return
    if (over || !session || waiting.length === 0) {
      const done = finished
      finished = undefined
      done?.()
      return
    }
    const count = countFitting(waiting)
    underWay = waiting.slice(0, count)
    waiting = waiting.slice(count)
    const answered = (): void => {
      underWay = []
      pump()
    }
    post(session, underWay)
      .catch(() => refused(brokenOff('a request failed')))
      .then(answered, answered)
  }

  return {
    get bufferedAmount() {
      return bytesOf(waiting) + bytesOf(underWay)
    },
    send(text) {
      waiting = [...waiting, { text, bytes: utf8Bytes(text) }]
      pump()
    },
    begin(name, token) {
      session = { name, token }
      pump()
    },
    finish(done) {
      finished = done
      pump()
    },
    stop() {
      over = true
      giveUp.abort()
    },
  }
}
