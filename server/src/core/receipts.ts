import { type ClientFrames, WIRE } from 'tidings/protocol'
import type { Mark, MarkClaim, Marks } from './marks.js'
import type { Peer } from './peer.js'
import type { Rooms } from './rooms.js'
import type { Authorize, Clock } from './seams.js'
import { whenSettled } from './settled.js'

/** How long claims are gathered: a frame of receipts for each room in this time is as much as anybody notices. */
const GATHER_MS = 500
/** Claims that wait at most: beyond, they are kept at once. */
const CLAIMS_MOST = 10_000
/** Readers in a frame: with the longest names they stay well below the largest text. */
const READERS_PER_FRAME = 1_000

/** Read receipts of all connections of one server. */
export interface Receipts {
  /** Takes what somebody has read, if they may read the room; who names nothing asks for the marks. */
  take(peer: Peer, frame: ClientFrames['read_receipt']): void
  /** Shows the marks of a room to one who has just joined it. */
  show(peer: Peer, room: string): void
  /** Keeps what waits and stops. */
  end(): void
}

export const NO_RECEIPTS: Receipts = { take: () => {}, show: () => {}, end: () => {} }

function textsOf(room: string, marks: readonly Mark[]): readonly string[] {
  const texts: string[] = []
  for (let from = 0; from < marks.length; from += READERS_PER_FRAME) {
    const some = marks.slice(from, from + READERS_PER_FRAME)
    const readers = some.map(({ user, upTo, readAt }) => ({ readBy: user, upTo, readAt }))
    texts.push(JSON.stringify({ type: 'read_receipt', room, readers }))
  }
  return texts
}

/** The larger position of the two, and no more ids than one frame may bring. */
const merged = (before: MarkClaim | undefined, claim: MarkClaim): MarkClaim => {
  if (!before) return claim
  const upTo = Math.max(before.upTo ?? 0, claim.upTo ?? 0)
  const messageIds = [...(before.messageIds ?? []), ...(claim.messageIds ?? [])]
  return { ...claim, upTo, messageIds: messageIds.slice(-WIRE.receiptMessages) }
}

export function createReceipts(options: {
  readonly marks: Marks
  readonly rooms: Rooms
  readonly clock: Clock
  readonly authorize: Authorize
}): Receipts {
  const { marks, rooms, clock, authorize } = options
  let claims = new Map<string, MarkClaim>()
  let cancel: (() => void) | undefined
  let ended = false

  const unfollow = marks.follow((moved) => {
    const byRoom = new Map<string, Mark[]>()
    for (const mark of moved) {
      const known = byRoom.get(mark.room)
      if (known) known.push(mark)
      else byRoom.set(mark.room, [mark])
    }
    for (const [room, some] of byRoom)
      for (const text of textsOf(room, some))
        for (const peer of rooms.present(room)) peer.sendText({ type: 'read_receipt', room }, text)
  })

  const flush = () => {
    cancel?.()
    cancel = undefined
    const waiting = [...claims.values()]
    claims = new Map()
    // What could not be kept is not told either: its reader has not seen the mark come back, and says it again.
    if (waiting.length > 0) marks.raise(waiting).catch(() => undefined)
  }
  const gather = (claim: MarkClaim) => {
    const key = JSON.stringify([claim.room, claim.user])
    claims.set(key, merged(claims.get(key), claim))
    if (claims.size >= CLAIMS_MOST) flush()
    else cancel ??= clock.after(GATHER_MS, flush)
  }

  const show = (peer: Peer, room: string) => {
    const shown = (some: readonly Mark[]) => {
      if (!peer.open || !rooms.has(peer, room)) return
      for (const text of textsOf(room, some)) peer.sendText({ type: 'read_receipt', room }, text)
    }
    // Without them the room works; the next join brings them.
    marks.of(room).then(shown, () => undefined)
  }

  return {
    take(peer, { room, upTo, messageIds, at }) {
      const { user, rights } = peer
      const claim = {
        room,
        user,
        readAt: Math.min(at, clock.now()),
        ...(upTo !== undefined && { upTo }),
        ...(messageIds !== undefined && { messageIds }),
      }
      whenSettled(
        () => authorize({ user, verb: 'read', room, rights }),
        (permit) => {
          if (permit !== 'allow' || ended) return
          if (upTo === undefined && messageIds === undefined) show(peer, room)
          else gather(claim)
        },
        () => undefined,
      )
    },
    show,
    end() {
      ended = true
      flush()
      unfollow()
    },
  }
}
