import type { ClientFrame } from '../protocol/index.js'
import type { RoomSummary, SyncStatus } from './api.js'
import type { OnThrow } from './emitter.js'
import { TidingsError } from './errors.js'
import type { Rooms } from './rooms.js'
import type { Random } from './seams/random.js'
import { createView, type View } from './view.js'

export interface GatheringParts {
  readonly rooms: Rooms
  readonly random: Random
  readonly isConnected: () => boolean
  readonly send: (frames: readonly ClientFrame[]) => boolean
  readonly onError: (error: TidingsError) => void
  readonly onThrow: OnThrow
}

/** What concerns all rooms at once: which are followed on the wire, how far the client is behind, the list of rooms. */
export interface Gathering {
  readonly sync: View<SyncStatus>
  readonly summaries: View<readonly RoomSummary[]>
  /** A room has to be followed: its disk is read, then the server asked; once more where it refused. */
  follow(room: string): void
  leave(room: string): void
  /** A new connection: everything that is followed was asked for in hello. */
  welcomed(): void
  touch(): void
  applied(count: number): void
  /** Stored rows did not pass: the room is read anew from the server. */
  badRows(room: string, rows: number): void
}

export function createGathering(parts: GatheringParts): Gathering {
  const { rooms } = parts
  let applied = 0
  const touch = (): void => {
    sync.touch()
    summaries.touch()
  }

  const sync = createView<SyncStatus>((last) => {
    const next = syncOf()
    return last &&
      last.phase === next.phase &&
      last.applied === next.applied &&
      last.remaining === next.remaining
      ? last
      : next
  }, parts.onThrow)

  function syncOf(): SyncStatus {
    if (!parts.isConnected()) return { phase: 'offline', applied, remaining: null }
    const open = rooms.followed().map((room) => room.replica)
    const behind = open.some((replica) => replica.status().status === 'syncing')
    const remaining = open.reduce<number | null>((sum, replica) => {
      const more = replica.remaining()
      return more === null ? sum : (sum ?? 0) + more
    }, null)
    return { phase: behind ? 'catching-up' : 'live', applied, remaining }
  }

  const summaries = createView<readonly RoomSummary[]>((last) => {
    const next = rooms.all().map((room) => {
      return { room: room.id, unread: room.unread(), last: room.timeline.newest() }
    })
    const same =
      last?.length === next.length &&
      next.every(
        (row, i) => row.room === last[i]?.room && row.unread === last[i].unread && row.last === last[i].last,
      )
    return same ? last : next
  }, parts.onThrow)

  async function ask(id: string): Promise<void> {
    const room = rooms.of(id)
    await room.keeper.load()
    const wanted = rooms.followed().includes(room)
    if (!wanted || !parts.isConnected() || !room.replica.isOff()) return
    const request = room.replica.request(0)
    if (request) parts.send([{ type: 'subscribe', id: parts.random.id(), rooms: [request] }])
  }

  return {
    sync,
    summaries,
    follow(id) {
      const room = rooms.get(id)
      room?.replica.reopen()
      // A connection asks for everything followed itself: until then there is only the disk to be read.
      const isKnown = room && (!room.replica.isOff() || (room.keeper.isLoaded() && !parts.isConnected()))
      if (!isKnown) void ask(id)
    },
    leave(id) {
      const room = rooms.get(id)
      if (!room || rooms.followed().includes(room) || room.replica.isOff()) return
      parts.send([{ type: 'unsubscribe', rooms: [id] }])
      room.down()
    },
    welcomed() {
      applied = 0
      for (const room of rooms.followed()) if (room.replica.isOff()) void ask(room.id)
      touch()
    },
    touch,
    applied(count) {
      applied += count
    },
    badRows(id, rows) {
      const message = `${rows} stored records of a room could not be read. It is read again from the server.`
      parts.onError(new TidingsError('bad_record', message, { room: id }))
      const room = rooms.get(id)
      if (room) void room.keeper.drop().then(() => room.replica.missed())
    },
  }
}
