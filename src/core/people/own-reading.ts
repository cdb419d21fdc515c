import type { RoomStage } from '../backstage.js'
import { seenBeyondMost } from '../limits.js'
import { heldAfter } from '../messages/held-after.js'
import { isOfOthers } from '../messages/reading.js'
import { withoutPrefix } from '../messages/temporary-id.js'
import { perTick } from '../per-tick.js'
import { readCellsOf } from './read-cells.js'

/** What this user has read in a room. */
export interface OwnReading {
  /** Messages were seen; all that is known of the room, without any. Never throws. */
  markRead(references?: string | readonly string[]): void
  /** Something about the room changed: what could not be told may be told now. */
  look(): void
}

export function createOwnReading({ client, followed }: RoomStage): OwnReading {
  const { id: room, keeper } = followed
  const cells = readCellsOf(client)
  /** Positions beyond the mark of messages that were seen. */
  let seen = new Set<number>()
  /** The server has said where this user stands, if it knows. */
  let heard = false

  const markKnown = (): number | null => followed.mark() ?? (heard ? 0 : null)

  function keep(upTo: number, at: number): void {
    cells.put(room, { upTo, at, seen: [...seen].sort((a, b) => a - b) })
  }

  function moveTo(upTo: number, at: number): void {
    seen = new Set([...seen].filter((seq) => seq > upTo))
    keep(upTo, at)
    followed.read(upTo)
  }

  /** The last position below which everything of others was seen; undefined where that is behind the mark or cannot be told. */
  function reached(mark: number): number | undefined {
    // Who reads here for the first time begins with what is loaded: what lies before is history.
    const held = heldAfter(keeper, mark > 0 ? mark : keeper.view().from() - 1)
    if (!held) return undefined
    let end = held.upTo
    for (const message of held.messages)
      if (message.seq <= end && isOfOthers(message, client.user) && !seen.has(message.seq))
        end = message.seq - 1
    return [...seen].some((seq) => seq <= end) ? end : undefined
  }

  function advance(at: number): void {
    const mark = markKnown()
    if (mark === null) return
    seen = new Set([...seen].filter((seq) => seq > mark))
    const end = seen.size > 0 ? reached(mark) : undefined
    if (end !== undefined && end > mark) moveTo(end, at)
  }

  function note(reference: string): void {
    const id = withoutPrefix(reference)
    const message = keeper.get(id)
    if (!message || message.from === client.user || message.seq <= (followed.mark() ?? 0)) return
    if (seen.size < seenBeyondMost) seen.add(message.seq)
  }

  function markSome(references: readonly string[]): void {
    const before = seen.size
    for (const reference of references) if (typeof reference === 'string') note(reference)
    if (seen.size === before) return
    const at = client.serverNow()
    advance(at)
    // What cannot be told yet outlives the page as well.
    if (seen.size > 0) keep(cells.get(room)?.upTo ?? 0, at)
  }

  function markAll(): void {
    const position = keeper.window.position()
    const mark = markKnown() ?? 0
    if (!position || position.seq <= mark) return
    const held = heldAfter(keeper, mark)
    const isOwn = held?.upTo === position.seq && !held.messages.some((one) => isOfOthers(one, client.user))
    if (!isOwn) moveTo(position.seq, client.serverNow())
  }

  function learn(): void {
    const cell = cells.get(room)
    if (!cell) return
    for (const seq of cell.seen) if (seen.size < seenBeyondMost) seen.add(seq)
    if (cell.upTo > 0) followed.read(cell.upTo)
    lookSoon()
  }

  // After the room has taken what came in.
  const settle = perTick<void>(() => advance(cells.get(room)?.at ?? client.serverNow()))
  const lookSoon = (): void => {
    if (seen.size > 0) settle()
  }
  const stops = [
    cells.onLearned((learned) => {
      if (learned === room) learn()
    }),
    client.frames.on('subscribed', (frame) => {
      if (frame.room !== room) return
      heard = true
      for (const seq of seen) if (seq > frame.head) seen.delete(seq)
      lookSoon()
    }),
    client.frames.on('unsubscribed', ({ room: left, code, retryable }) => {
      // One room too many is none that the user may not read.
      if (left === room && !retryable && code !== 'too_many_rooms') seen.clear()
    }),
  ]
  client.onEnd(() => {
    for (const stop of stops) stop()
  })
  learn()

  return {
    look: lookSoon,
    markRead(references) {
      if (references === undefined) markAll()
      else markSome(typeof references === 'string' ? [references] : references)
    },
  }
}
