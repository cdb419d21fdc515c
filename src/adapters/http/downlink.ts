import * as LIMITS from '../../core/limits.js'
import type { Clock } from '../../core/seams/clock.js'
import type { Closed } from '../../core/seams/transport.js'
import { readAs, STREAM_EVENTS, streamClose, streamSession, WIRE } from '../../protocol/index.js'
import { createEventStreamParser, type StreamEvent } from './event-stream.js'
import { brokenOff, refusalOf } from './refusal.js'

/** What comes down a stream. */
export interface DownlinkEvents {
  /** The first event: from here on requests may carry frames. */
  onSession(session: string): void
  onText(text: string): void
}

/** How a stream is asked for. */
export interface DownlinkParts {
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly address: string
  readonly hello: string
  readonly signal: AbortSignal
}

/** The longest text in UTF-16 units, with room for the lines that break it up. */
const MOST_CHARS = 2 * WIRE.serverTextBytes

/** A body that is read piece by piece, each for as long as it takes, but the first for no longer than a server needs. */
async function read(
  body: ReadableStream<Uint8Array>,
  { clock, signal }: DownlinkParts,
  events: DownlinkEvents,
): Promise<Closed> {
  const reader = body.getReader()
  let closed: Closed | undefined
  let named = false
  let buffered = false
  const cancelPatience = clock.after(LIMITS.firstEventMs, () => {
    buffered = true
    reader.cancel().catch(() => undefined)
  })

  function take({ name, data }: StreamEvent): void {
    if (closed || signal.aborted) return
    if (name === STREAM_EVENTS.close)
      closed = readAs(streamClose, data) ?? brokenOff('the close cannot be read')
    else if (name === STREAM_EVENTS.session && !named) {
      const opened = readAs(streamSession, data)
      if (!opened) return
      named = true
      cancelPatience()
      events.onSession(opened.session)
    } else if (name === 'message' && named) events.onText(data)
  }

  const parser = createEventStreamParser(MOST_CHARS, take)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (buffered) return brokenOff('something on the way holds the stream back')
      if (done) return brokenOff('the stream ended')
      if (!parser.push(value)) return { code: 1009, reason: 'an event without an end' }
      if (closed) return closed
    }
  } finally {
    cancelPatience()
    // What is left of the body, if anything is, is of no use.
    reader.cancel().catch(() => undefined)
  }
}

/** Opens a stream by saying hello, and reads it to its end. Resolves with how it ended; never rejects. */
export async function readDownlink(parts: DownlinkParts, events: DownlinkEvents): Promise<Closed> {
  const { fetch, address, hello: body, signal } = parts
  try {
    const headers = { accept: 'text/event-stream', 'content-type': 'application/json' }
    const response = await fetch(address, { method: 'POST', headers, body, signal, cache: 'no-store' })
    if (!response.ok) return await refusalOf(response)
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (!isStream || !response.body) return brokenOff('no stream of events')
    return await read(response.body, parts, events)
  } catch {
    return brokenOff('the request failed')
  }
}
