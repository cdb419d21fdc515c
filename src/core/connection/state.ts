import type { TidingsError } from '../errors.js'
import type { Transport } from '../seams/transport.js'
import type { Session } from './session.js'

/*
 *            connect()                 token                    welcome
 *   idle ───────────────▶ fetching ───────────▶ opening ──────────────────▶ connected
 *    ▲ ▲                     ▲  │                  │                            │
 *    │ └── disconnect()      │  │ no token         │ closed, refused,           │ closed, silent,
 *    │     from anywhere     │  ▼                  ▼ 10 s without welcome       ▼ or its goaway slot is here
 *    │                     waiting ◀───────────────┴────────────────────────────┘
 *    │                                             │                            │
 *    └──────────────── failed ◀────────────────────┴── final code, wrong user ──┘        destroyed: from anywhere, for ever
 *
 * Every state owns what lives in it: at most one transport and exactly one timer while it waits for anything, both ended by the one
 * function that leaves it. There is no other timer, so a state that was left cannot come back to life.
 */

/** Not asked to be connected. */
export interface Idle {
  readonly kind: 'idle'
  readonly reason: string
}

/** The token is on its way; the timer bounds it. */
export interface Fetching {
  readonly kind: 'fetching'
  readonly reason: string
  readonly cancel: () => void
}

/** A transport opens, says hello and hopes for welcome; the timer bounds it. */
export interface Opening {
  readonly kind: 'opening'
  readonly reason: string
  readonly transport: Transport
  readonly cancel: () => void
}

/** The server knows us. The timer is the pulse of the session. */
export interface Connected {
  readonly kind: 'connected'
  readonly transport: Transport
  readonly session: Session
  readonly cancel: () => void
}

/** Between two attempts; the timer starts the next. */
export interface Waiting {
  readonly kind: 'waiting'
  readonly reason: string
  /** Wall time of the next attempt. */
  readonly dueAt: number
  /** The server chose the moment: no wake signal changes it. */
  readonly directed: boolean
  readonly cancel: () => void
}

/** Over until connect() is called again. */
export interface Failed {
  readonly kind: 'failed'
  readonly error: TidingsError
}

/** Over. */
export interface Destroyed {
  readonly kind: 'destroyed'
  readonly error: TidingsError | null
}

/** Where a logical connection stands. */
export type State = Idle | Fetching | Opening | Connected | Waiting | Failed | Destroyed

/** Whether the connection is asked for: then, and only then, there is a timer, and wake signals are listened to. */
export const isWanted = (state: State): boolean => 'cancel' in state
