import type { LogEntry } from '../protocol/index.js'
import { TidingsError } from './errors.js'
import { LIMITS } from './limits.js'
import { createBackfill } from './messages/backfill.js'
import { createKeeper } from './messages/keeper.js'
import type { Unseen } from './messages/newest.js'
import type { StoredMessage } from './messages/record.js'
import { createReplica, type Replica } from './messages/replica.js'
import type { RoomSurroundings } from './room-surroundings.js'

/** The parts of a room that speak with the server and the disk. */
export function createWireSide(
  id: string,
  around: RoomSurroundings,
  room: {
    readonly onApplied: (entries: readonly LogEntry[], after: number | null) => void
    readonly onFilled: (entries: readonly LogEntry[]) => void
    readonly onFound: (messages: readonly StoredMessage[]) => void
    readonly onReplaced: (stands: Unseen) => void
    readonly onChange: () => void
    /** The server cut the log back to this position. */
    readonly onReset: (end: number) => void
    readonly isHeld: () => boolean
    readonly wantsAll: () => boolean
  },
) {
  const { clock, random, send, onError } = around
  const keeper = createKeeper({
    room: id,
    user: around.user,
    log: around.log,
    clock,
    serverNow: around.serverNow,
    isSeen: ({ id, from }) =>
      from === around.user && around.outbox.get(id)?.state === 'acked' && !room.wantsAll(),
    onApplied: room.onApplied,
    onFilled: room.onFilled,
    onFound: room.onFound,
    onReplaced: room.onReplaced,
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
      const lowest = keeper.lowest(keeper.window)
      if (keeper.window.size() < LIMITS.windowMessages / 2 && lowest) void backfill.below(lowest)
    },
    onAgain: () => around.onFollow(id, true),
    onReset(reason, end) {
      room.onReset(end)
      around.onReset({ room: id, reason }, end)
    },
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
