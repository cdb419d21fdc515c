import type { Mark, MarkClaim } from '../core/marks.js'
import type { Store } from './store.js'

/** What is unread is shown as a number in a list of rooms: nobody reads on beyond this. */
export const UNREAD_MOST = 1_000
/** Positions that are looked through for it, so that a room where one user wrote everything costs no more. */
export const UNREAD_POSITIONS = 10_000

/** The position that a claim means, within the room; 0 when it means none. */
function positionOf(store: Store, { room, upTo = 0, messageIds = [] }: MarkClaim): number {
  const found = messageIds.map((id) => store.find(room, id)?.seq ?? 0)
  return Math.min(Math.max(upTo, ...found), store.tail(room).head)
}

/** Keeps what rises and gives every mark that moved, once, as it is now. */
export function raiseMarks(store: Store, claims: readonly MarkClaim[]): readonly Mark[] {
  const moved = new Map<string, Mark>()
  for (const claim of claims) {
    const { room, user, readAt } = claim
    const upTo = positionOf(store, claim)
    if (upTo <= markOf(store, room, user)) continue
    const mark = { room, user, upTo, readAt }
    store.setMark(mark)
    moved.set(JSON.stringify([room, user]), mark)
  }
  return [...moved.values()]
}

const markOf = (store: Store, room: string, user: string): number => {
  const mark = store.mark(room, user)
  return mark ? Math.min(mark.upTo, store.tail(room).head) : 0
}

export function marksOf(store: Store, room: string): readonly Mark[] {
  const { head } = store.tail(room)
  return store
    .marks(room)
    .map((mark) => (mark.upTo <= head ? mark : { ...mark, upTo: head }))
    .filter(({ upTo }) => upTo > 0)
}

/** Where a reader stands in a room. */
export function readingOf(
  store: Store,
  room: string,
  reader: string,
): { readonly mark: number; readonly unread: number } {
  const { head } = store.tail(room)
  const mark = markOf(store, room, reader)
  const after = Math.max(mark, head - UNREAD_POSITIONS)
  return { mark, unread: store.countOthers(room, reader, after, head, UNREAD_MOST) }
}
