import type { ServerResponse } from 'node:http'
import type { Clock } from '../core/seams.js'

/** What one event of a stream says. Texts may hold line ends; names and ids must not. */
export interface StreamEvent {
  readonly event?: string
  readonly id?: string
  readonly data?: string
  /** ms that an EventSource waits before it comes back. */
  readonly retry?: number
}

/** An answer that goes on: events as they happen, and a comment when nothing does. */
export interface EventStream {
  send(event: StreamEvent): void
  /** Bytes that the network has not taken yet. */
  readonly bufferedAmount: number
  /** Ends it behind what was sent; a reader that does not take that is cut off. */
  end(): void
}

/** Proxies end what is silent for long, many of them after 60 s. */
const BEAT_MS = 15_000
/** How long a reader may take for what was sent before the end. */
const GOODBYE_MS = 5_000
const LINE_END = /\r\n?|\n/g

/** Nothing on the way may keep, change or gather it; `X-Accel-Buffering` says so to nginx. */
const HEAD = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
} as const

function textOf({ event, id, data, retry }: StreamEvent): string {
  const name = event === undefined ? '' : `event: ${event}\n`
  const place = id === undefined ? '' : `id: ${id}\n`
  const wait = retry === undefined ? '' : `retry: ${retry}\n`
  const lines = data === undefined ? '' : `data: ${data.replace(LINE_END, '\ndata: ')}\n`
  return `${name}${place}${wait}${lines}\n`
}

/** Begins to answer with a stream. `closed` is told once, when the answer is over, by whomever. */
export function openEventStream(
  response: ServerResponse,
  clock: Pick<Clock, 'after'>,
  closed: () => void,
): EventStream {
  let cancel = () => {}
  const beat = () => {
    cancel = clock.after(BEAT_MS, () => {
      response.write(':\n\n')
      beat()
    })
  }
  response.on('close', () => {
    cancel()
    closed()
  })
  // What goes wrong with an answer ends in its 'close'; without a listener it would end the process.
  response.on('error', () => {})
  response.writeHead(200, HEAD)
  response.flushHeaders()
  beat()
  return {
    send(event) {
      if (response.writableEnded) return
      response.write(textOf(event))
      cancel()
      beat()
    },
    get bufferedAmount() {
      return response.writableLength
    },
    end() {
      if (response.writableEnded) return
      response.end()
      cancel()
      cancel = clock.after(GOODBYE_MS, () => response.destroy())
    },
  }
}
