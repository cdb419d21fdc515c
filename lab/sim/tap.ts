import type { Platform, TransportEvents } from 'tidings/core'
import { type ClientFrame, decodeClientText, decodeServerText, type ServerFrame } from 'tidings/protocol'
import { createWireLaws } from './wire-laws.js'

/** A step of the protocol: a frame of this type on its way out or in. */
export interface Step {
  readonly way: 'out' | 'in'
  readonly type: ClientFrame['type'] | ServerFrame['type']
}

/** Every step at which a connection may be lost. */
export const STEPS: readonly Step[] = [
  ...(
    ['hello', 'subscribe', 'auth', 'message', 'message_update', 'sync_request', 'read_receipt'] as const
  ).map((type): Step => ({ way: 'out', type })),
  ...(['welcome', 'subscribed', 'sync_response', 'event', 'ack', 'nack', 'pong'] as const).map(
    (type): Step => ({ way: 'in', type }),
  ),
]

/** Looks at what a client and its server say to each other, and at how it asks for locks. */
export interface Tap {
  readonly seams: (platform: Platform) => Platform
  /** Springs once, at the next frame of this step; what is in the same text is lost with it. Returns how to lift it. */
  trap(step: Step, spring: () => void): () => void
  /** When this client was welcomed last, ms since the epoch; 0 before. */
  readonly welcomedAt: number
  /** What the client did on the wire that it must not, as sentences. */
  readonly faults: readonly string[]
}

export interface TapParts {
  readonly user: string
  readonly now: () => number
  /** How often something took away what the profile held: only then may a position go back. */
  readonly setbacks: () => number
  /** Told of every frame, by its way and type. */
  readonly note: (way: Step['way'], type: Step['type']) => void
  /** A rare branch was taken. */
  readonly reached: (branch: string) => void
}

/** Whether a lock is asked for by force. */
const isTheft = (wish: unknown): boolean =>
  typeof wish === 'object' && wish !== null && Reflect.get(wish, 'steal') === true

export function createTap(parts: TapParts): Tap {
  const laws = createWireLaws(parts)
  let trap: { readonly step: Step; readonly spring: () => void } | undefined
  let welcomedAt = 0

  /** Whether a trap sprang at one of these frames. */
  function springs(way: Step['way'], frames: readonly { readonly type: Step['type'] }[]): boolean {
    for (const { type } of frames) parts.note(way, type)
    if (!trap || trap.step.way !== way || !frames.some(({ type }) => type === trap?.step.type)) return false
    const { spring } = trap
    trap = undefined
    spring()
    return true
  }

  function listen(events: TransportEvents, line: ReturnType<typeof laws.line>): TransportEvents {
    let isOver = false
    return {
      ...events,
      onClose(closed) {
        isOver = true
        events.onClose(closed)
      },
      onText(text) {
        const { frames } = decodeServerText(text)
        if (isOver) parts.reached('heard after its end')
        if (springs('in', frames)) return
        if (frames.some(({ type }) => type === 'welcome')) welcomedAt = parts.now()
        for (const frame of frames) line.heard(frame)
        events.onText(text)
      },
    }
  }

  return {
    seams(platform) {
      const { connect, locks } = platform
      return {
        ...platform,
        connect(url, events) {
          const line = laws.line()
          const transport = connect(url, listen(events, line))
          return {
            kind: transport.kind,
            close: transport.close,
            get bufferedAmount() {
              return transport.bufferedAmount
            },
            send(text) {
              const { frames, refused } = decodeClientText(text)
              for (const { fault, path } of refused) line.garbled(`${fault} ${path ?? ''}`)
              for (const frame of frames) line.said(frame)
              transport.send(text)
              springs('out', frames)
            },
          }
        },
        ...(locks && {
          locks: {
            request(...request: Parameters<typeof locks.request>) {
              if (isTheft(request.at(2))) parts.reached('steal')
              return locks.request(...request)
            },
          },
        }),
      }
    },
    trap(step, spring) {
      const set = { step, spring }
      trap = set
      return () => {
        if (trap === set) trap = undefined
      }
    },
    get welcomedAt() {
      return welcomedAt
    },
    faults: laws.faults,
  }
}
