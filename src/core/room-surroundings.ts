import type { ClientFrame } from '../protocol/index.js'
import type { ClientEvents } from './api.js'
import type { OnThrow } from './emitter.js'
import type { TidingsError } from './errors.js'
import type { Acked } from './messages/entry.js'
import type { Log } from './messages/log.js'
import type { Outbox } from './messages/outbox.js'
import type { Turns } from './messages/turns.js'
import type { Clock } from './seams/clock.js'
import type { Random } from './seams/random.js'

/** What a client gives to each of its rooms. */
export interface RoomSurroundings {
  readonly user: string
  readonly log: Log
  readonly outbox: Outbox
  readonly clock: Clock
  readonly random: Random
  readonly turns: Turns
  readonly serverNow: () => number
  readonly send: (frame: ClientFrame) => boolean
  readonly onSilence: () => void
  readonly onStamp: (stamp: string) => void
  /** The log holds an own operation. */
  readonly onSettled: (id: string, acked: Acked) => void
  /** The room has to be followed on the wire, or need not be any more. */
  readonly onFollow: (room: string, followed: boolean) => void
  /** Something about the room changed. */
  readonly onChange: (room: string) => void
  /** The room stands differently to the server. */
  readonly onPhase: (room: string) => void
  readonly onLive: (room: string) => void
  /** Operations were applied. */
  readonly onApplied: (room: string, count: number) => void
  readonly onReset: (reset: ClientEvents['reset'], end: number) => void
  readonly onRefused: (room: string, code: string) => void
  readonly onError: (error: TidingsError) => void
  readonly onThrow: OnThrow
}
