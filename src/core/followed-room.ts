import type { ClientFrame, LogEntry, ServerFrames } from '../protocol/index.js'
import type { ClientEvents } from './api.js'
import { createEmitter, type OnThrow } from './emitter.js'
import { TidingsError } from './errors.js'
import { createHolding } from './holding.js'
import { LIMITS } from './limits.js'
import type { Message } from './message.js'
import { type Backfill, createBackfill } from './messages/backfill.js'
import type { Acked } from './messages/entry.js'
import { createKeeper, type Keeper } from './messages/keeper.js'
import type { Log } from './messages/log.js'
import type { Outbox } from './messages/outbox.js'
import { createReplica, type Replica } from './messages/replica.js'
import { createTimeline, type TimelineView } from './messages/timeline.js'
import { reopen } from './messages/transitions.js'
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
  const holding = createHolding(around.clock, (held) => {
    around.onFollow(id, held)
    if (!held) void rest()
  })
  let unread: number | null = null
  let mark: number | null = null
  const arrivals = createEmitter<{ message: Message }>(around.onThrow)
  let listening = 0
  const touches = new Set<() => void>()

  const { keeper, replica, backfill } = createWireSide(id, around, {
    onApplied: applied,
    onChange: touch,
    isHeld: holding.isHeld,
    wantsAll: () => listening > 0,
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
    releaseWatch = on ? holding.hold() : undefined
  }

  /** Nobody looks at the room any more: what it takes in memory must not grow with every room that was ever opened. */
  async function rest(): Promise<void> {
    try {
      await keeper.rest()
      // The list of before would stay in memory until the next look.
      timeline.get()
    } catch {
      // The disk cannot be read now: then the room stays in memory.
    }
  }

  function touch(): void {
    timeline.touch()
    for (const tell of touches) tell()
    around.onChange(id)
  }

  function applied(entries: readonly LogEntry[], after: number | null): void {
    const at = around.serverNow()
    // Arrivals are looked up in the list: it must not be the one of before.
    timeline.touch()
    for (const entry of entries) {
      around.onStamp(entry.stamp)
      if (entry.from === around.user) {
        around.onSettled(entry.id, settledBy(entry, at))
      } else if (entry.kind === 'create' && unread !== null && entry.seq > (mark ?? 0)) unread += 1
      if (entry.kind === 'create') arrive(entry.messageId)
    }
    const position = keeper.window.position()
    if (position && after !== null) reopenMissing(entries, after, position.seq)
    if (position) around.outbox.cover(id, position.seq)
    around.onApplied(id, entries.length)
  }

  /** What was acknowledged in a stretch of the log and does not stand there was lost by a server that came back with less. */
  function reopenMissing(entries: readonly LogEntry[], after: number, upTo: number): void {
    const there = new Set(entries.map((entry) => entry.id))
    const missing = around.outbox
      .lane(id)
      .filter(
        ({ id: operation, acked }) =>
          acked && acked.seq > after && acked.seq <= upTo && !there.has(operation),
      )
    if (missing.length > 0)
      void around.outbox.change(
        missing.map((entry) => entry.id),
        reopen,
      )
  }

  function arrive(messageId: string): void {
    if (listening === 0) return
    const message = timeline.find(messageId)
    if (!message) return
    arrivals.emit('message', message)
  }

  return {
    id,
    keeper,
    replica,
    backfill,
    timeline,
    hold: holding.hold,
    isHeld: holding.isHeld,
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
      const stop = arrivals.on('message', listener)
      const release = holding.hold()
      listening += 1
      let stopped = false
      return () => {
        if (stopped) return
        stopped = true
        stop()
        release()
        listening -= 1
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
      holding.stop()
      backfill.down()
      replica.down()
      arrivals.clear()
    },
  }
}

/** What the log says about an own operation: as good as an acknowledgement. A reply names its parent as target, too. */
const settledBy = ({ kind, target, messageId, seq, stamp, ts, version }: LogEntry, at: number): Acked => ({
  messageId: kind === 'create' || kind === 'system' ? messageId : (target?.messageId ?? messageId),
  seq,
  stamp,
  ts,
  ...(version !== undefined && { version }),
  at,
})

/** The parts that speak with the server and the disk. */
function createWireSide(
  id: string,
  around: RoomSurroundings,
  room: {
    readonly onApplied: (entries: readonly LogEntry[], after: number | null) => void
    readonly onChange: () => void
    readonly isHeld: () => boolean
    readonly wantsAll: () => boolean
  },
) {
  const { clock, random, send, onError } = around
  const keeper = createKeeper({
    room: id,
    user: around.user,
    log: around.log,
    onApplied: room.onApplied,
    onChange: room.onChange,
    onElsewhere: () => replica.missed(),
    onStamp: around.onStamp,
    onError(cause) {
      const message =
        'The device could not store or read messages of a room. They are kept in memory and on the server.'
      onError(new TidingsError('storage', message, { cause, room: id }))
    },
  })
  const backfill = createBackfill({ room: id, keeper, clock, random, send, onError })
  const replica: Replica = createReplica({
    room: id,
    keeper,
    clock,
    random,
    send,
    onSilence: around.onSilence,
    onChange() {
      room.onChange()
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
    onError,
    wantsAll: room.wantsAll,
    takeTurn: (onTurn) => around.turns.take(room.isHeld(), onTurn),
  })
  return { keeper, replica, backfill }
}
