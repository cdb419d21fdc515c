import type { ClientFrame, LogEntry, ServerFrames } from '../protocol/index.js'
import type { ClientEvents } from './api.js'
import type { OnThrow } from './emitter.js'
import { TidingsError } from './errors.js'
import { LIMITS } from './limits.js'
import type { Message } from './message.js'
import { type Backfill, createBackfill } from './messages/backfill.js'
import type { Acked } from './messages/entry.js'
import { createKeeper, type Keeper } from './messages/keeper.js'
import type { Log } from './messages/log.js'
import type { Outbox } from './messages/outbox.js'
import { createReplica, type Replica } from './messages/replica.js'
import { createTimeline, type TimelineView } from './messages/timeline.js'
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

/** Everything about one room that is not its public face. */
export interface FollowedRoom {
  readonly id: string
  readonly keeper: Keeper
  readonly replica: Replica
  readonly backfill: Backfill
  readonly timeline: TimelineView
  /** Keeps the room followed until the returned function is called. */
  hold(): () => void
  isHeld(): boolean
  unread(): number | null
  subscribed(frame: ServerFrames['subscribed']): void
  page(frame: ServerFrames['sync_response']): void
  down(): void
  /** Every message from now on, once, in the order of the log. */
  arrivals(listener: (message: Message) => void): () => void
  /** Readables of single messages are told through this. */
  watch(touch: () => void): () => void
  touch(): void
  close(): void
}

export function createFollowedRoom(id: string, around: RoomSurroundings): FollowedRoom {
  let holders = 0
  let cancelLinger: (() => void) | undefined
  let unread: number | null = null
  let mark: number | null = null
  const arriving = new Set<(message: Message) => void>()
  const touches = new Set<() => void>()

  const keeper = createKeeper({
    room: id,
    user: around.user,
    log: around.log,
    onApplied: applied,
    onChange: touch,
    onElsewhere: () => replica.missed(),
    onStamp: around.onStamp,
    onError(cause) {
      const message =
        'The device could not store or read messages of a room. They are kept in memory and on the server.'
      around.onError(new TidingsError('storage', message, { cause, room: id }))
    },
  })
  const replica: Replica = createReplica({
    room: id,
    keeper,
    clock: around.clock,
    random: around.random,
    send: around.send,
    onSilence: around.onSilence,
    onChange() {
      touch()
      around.onPhase(id)
    },
    onLive() {
      around.onLive(id)
      // After a reset little may be left: a person who looks at the room should not have to ask.
      if (keeper.window.size() < LIMITS.windowMessages / 2 && keeper.lowest()?.afterCursor)
        void backfill.fetch(null)
    },
    onReset: (reason, end) => around.onReset({ room: id, reason }, end),
    onRefused(code, final) {
      if (!final) return
      around.onRefused(id, code)
      void keeper.drop()
    },
    onError: around.onError,
    wantsAll: () => arriving.size > 0,
    takeTurn: (onTurn) => around.turns.take(holders > 0, onTurn),
  })
  const backfill = createBackfill({
    room: id,
    keeper,
    clock: around.clock,
    random: around.random,
    send: around.send,
    onError: around.onError,
  })
  const timeline = createTimeline({
    room: id,
    user: around.user,
    keeper,
    replica,
    outbox: around.outbox,
    serverNow: around.serverNow,
    unread: () => unread,
    mark: () => mark,
    onThrow: around.onThrow,
    onWatched: watched,
  })
  let releaseWatch: (() => void) | undefined

  function watched(on: boolean): void {
    releaseWatch?.()
    releaseWatch = on ? hold() : undefined
  }

  function touch(): void {
    timeline.touch()
    for (const tell of touches) tell()
    around.onChange(id)
  }

  function applied(entries: readonly LogEntry[]): void {
    const at = around.serverNow()
    for (const entry of entries) {
      around.onStamp(entry.stamp)
      if (entry.from === around.user) {
        const { messageId, seq, stamp, ts, version } = entry
        around.onSettled(entry.id, {
          messageId: entry.target?.messageId ?? messageId,
          seq,
          stamp,
          ts,
          ...(version !== undefined && { version }),
          at,
        })
      } else if (entry.kind === 'create' && unread !== null && entry.seq > (mark ?? 0)) unread += 1
      if (entry.kind === 'create') arrive(entry.messageId)
    }
    const position = keeper.window.position()
    if (position) around.outbox.cover(id, position.seq)
    around.onApplied(id, entries.length)
  }

  function arrive(messageId: string): void {
    if (arriving.size === 0) return
    const message = timeline.find(messageId)
    if (!message) return
    for (const listener of arriving) {
      try {
        listener(message)
      } catch (thrown) {
        around.onThrow(thrown)
      }
    }
  }

  function hold(): () => void {
    cancelLinger?.()
    cancelLinger = undefined
    holders += 1
    if (holders === 1) around.onFollow(id, true)
    let released = false
    return () => {
      if (released) return
      released = true
      holders -= 1
      if (holders > 0) return
      // A component that mounts again at once finds the room as it left it.
      cancelLinger = around.clock.after(LIMITS.lingerMs, () => {
        cancelLinger = undefined
        around.onFollow(id, false)
      })
    }
  }

  return {
    id,
    keeper,
    replica,
    backfill,
    timeline,
    hold,
    isHeld: () => holders > 0 || cancelLinger !== undefined,
    unread: () => unread,
    subscribed(frame) {
      unread = frame.unread
      mark = frame.mark ?? null
      replica.subscribed(frame)
    },
    page(frame) {
      if (!backfill.take(frame)) replica.page(frame)
    },
    down() {
      backfill.down()
      replica.down()
    },
    arrivals(listener) {
      arriving.add(listener)
      const release = hold()
      return () => {
        arriving.delete(listener)
        release()
      }
    },
    watch(tell) {
      touches.add(tell)
      return () => {
        touches.delete(tell)
      }
    },
    touch,
    close() {
      cancelLinger?.()
      backfill.down()
      replica.down()
      arriving.clear()
    },
  }
}
