import type { TidingsError } from '../errors.js'
import type { WaitingRoom } from './waiting-room.js'

/**
 * How a room's replica stands to the server.
 *
 *   off ──subscribe──▶ asked ──subscribed──▶ queued ──turn──▶ paging ──last page──▶ live
 *    ▲                   │                                     ▲  │                   │
 *    └────── down ───────┴── unsubscribed ─▶ refused           │  └─ reset ─▶ recovering
 *                                                              └──────── gap ─────────┘
 *
 * States that wait for the server hold the live frames that come meanwhile, and their one timer.
 */
export type Phase =
  | { readonly name: 'off' }
  | ({ readonly name: 'asked'; readonly waiting: WaitingRoom } & Asked)
  | ({ readonly name: 'queued'; readonly waiting: WaitingRoom; readonly release: () => void } & Asked)
  | ({ readonly name: 'paging'; readonly cancel: () => void } & Question)
  | { readonly name: 'live' }
  | { readonly name: 'refused'; readonly error: TidingsError; readonly final: boolean }

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
  /** Answers in a row that led nowhere. */
  readonly stuck: number
  /** Why the log was reset, for `recognised`. */
  readonly reason: string
}
