import type { TidingsError } from '../errors.js'
import type { TimelineStatus } from '../message.js'
import type { Credit } from './credit.js'
import type { WaitingRoom } from './waiting-room.js'

/**
 * How a room's replica stands to the server.
 *
 *   off ──subscribe──▶ asked ──subscribed──▶ queued ──turn──▶ paging ──last page──▶ live
 *    ▲                   │                                     ▲  │                   │
 *    ├ down, no answer ──┴── unsubscribed ─▶ refused           │  └─ reset ─▶ recovering
 *    └────────────── if not final, later ───────┘              └──────── gap ─────────┘
 *
 * States that wait for the server hold the live frames that come meanwhile, and their one timer. A live room follows every message from
 * a position on; what lies before may still be on its way to the disk.
 */
export type Phase =
  | { readonly name: 'off' }
  | ({ readonly name: 'asked'; readonly waiting: WaitingRoom; readonly cancel?: () => void } & Asked)
  | ({ readonly name: 'queued'; readonly waiting: WaitingRoom; readonly release: () => void } & Asked)
  | ({ readonly name: 'paging'; readonly cancel: (() => void) | undefined } & Question)
  | { readonly name: 'live'; readonly from: number }
  | ({ readonly name: 'refused'; readonly error: TidingsError } & Refusal)

/** Whether only an application can ask again; otherwise the timer of the next time, where there is one on this connection. */
type Refusal = { readonly final: true } | { readonly final: false; readonly cancel: (() => void) | undefined }

/** How the server was asked for the room. */
export interface Asked {
  /** The server was given credit, pages will come unasked. */
  readonly pushed: boolean
  /** The cursor that was named; undefined for the start of the log. */
  readonly from: string | undefined
}

/** What was asked of the server, to be asked again when no answer comes. */
export interface Question {
  /** Id of the request; the room's name where pages come unasked. */
  readonly request: string
  /** What follows our position, the newest page, or the newest position that the server recognises. */
  readonly want: 'forward' | 'newest' | 'recognised'
  /** The cursor from which pages follow; undefined for the start of the log. */
  readonly from: string | undefined
  readonly waiting: WaitingRoom
  readonly release: () => void
  /** Of the pages that follow. */
  readonly credit: Credit
  /** Answers in a row that led nowhere. */
  readonly stuck: number
  /** Why the log was reset, for `recognised`. */
  readonly reason: string
}

/** Nobody asked for pages yet. */
export const UNASKED: Asked = { pushed: false, from: undefined }

/** How a phase is shown. */
export interface Standing {
  readonly status: TimelineStatus
  readonly error: TidingsError | null
}

/** `shown` is the position up to which entries were applied: who hears of `live` finds there what the room was told to catch up. */
export function statusOf(phase: Phase, isLoaded: boolean, shown: number): Standing {
  if (phase.name === 'refused') return { status: 'refused', error: phase.error }
  if (!isLoaded) return { status: 'loading', error: null }
  if (phase.name === 'live' && shown >= phase.from) return { status: 'live', error: null }
  return { status: phase.name === 'off' ? 'cached' : 'syncing', error: null }
}

/** The server was heard, and did not lose what should come first. */
export const isHeard = (phase: Phase): boolean =>
  phase.name === 'queued' || phase.name === 'live' || (phase.name === 'paging' && phase.want !== 'recognised')
