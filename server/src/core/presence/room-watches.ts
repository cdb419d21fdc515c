import type { PresenceEntry } from 'tidings/protocol'
import type { Peer } from '../peer.js'
import type { Sight } from './rights.js'
import type { Presence, RoomPresence } from './seam.js'

/** Who watches which room. Whoever may not read it is kept as asking: they are told once they are let in. */
export interface RoomWatches {
  /** How many of them did not fit. */
  add(peer: Peer, rooms: readonly string[]): number
  remove(peer: Peer, rooms: readonly string[]): void
  end(peer: Peer): void
  /** The connection was let into a room: if it asked in vain, it is told now. */
  entered(peer: Peer, room: string): void
  /** The connection was put out of a room: it is told no more. */
  expelled(peer: Peer, room: string): void
  changed(room: string): void
  /** Tells what there is to tell. Rejects when that is not known now; then it is told the next time. */
  flush(): Promise<void>
}

/** A watched room, and what those who watch it were told last. */
interface View {
  readonly watchers: Set<Peer>
  /** Those who were told nothing yet. */
  readonly fresh: Set<Peer>
  /** Versions of the people told; undefined while only their number is told. */
  told: ReadonlyMap<string, number> | undefined
  count: number
}

const versionsOf = (users: readonly PresenceEntry[]): ReadonlyMap<string, number> =>
  new Map(users.map(({ userId, ver }) => [userId, ver]))

/** What those who know the last state have to be told; undefined when it is as it was. */
function difference(view: View, now: RoomPresence): object | undefined {
  const { users, count } = now
  const { told } = view
  if (!users) return told || count !== view.count ? { count } : undefined
  // After a mere number everybody is news.
  if (!told) return { users }
  const changed = users.filter(({ userId, ver }) => told.get(userId) !== ver)
  const here = versionsOf(users)
  const left = [...told.keys()].filter((user) => !here.has(user))
  if (changed.length + left.length === 0) return undefined
  return { ...(changed.length > 0 && { users: changed }), ...(left.length > 0 && { left }) }
}

export function createRoomWatches(parts: {
  readonly presence: Presence
  readonly sight: Sight
  readonly atMost: number
  /** In a room of more people only their number is told. */
  readonly mostUsers: number
  /** There is something to tell. */
  readonly onDue: () => void
}): RoomWatches {
  const { presence, sight, atMost, mostUsers, onDue } = parts
  const lists = new Map<Peer, Set<string>>()
  const views = new Map<string, View>()
  const asks = new Map<string, Set<Peer>>()
  const dirty = new Set<string>()

  const viewOf = (room: string): View => {
    const known = views.get(room)
    if (known) return known
    const made: View = { watchers: new Set(), fresh: new Set(), told: undefined, count: -1 }
    views.set(room, made)
    return made
  }
  const ask = (peer: Peer, room: string) => {
    asks.set(room, (asks.get(room) ?? new Set()).add(peer))
    onDue()
  }
  const forget = (peer: Peer, room: string) => {
    asks.get(room)?.delete(peer)
    const view = views.get(room)
    view?.watchers.delete(peer)
    view?.fresh.delete(peer)
    if (view && view.watchers.size + view.fresh.size === 0) views.delete(room)
  }

  const send = (peers: Iterable<Peer>, room: string, what: object) => {
    const text = JSON.stringify({ type: 'presence_update', room, ...what })
    for (const peer of peers) if (peer.open) peer.sendText({ type: 'presence_update', room }, text)
  }
  const tell = async (room: string): Promise<void> => {
    const view = views.get(room)
    if (!view) return
    const now = await presence.inRoom(room, mostUsers)
    const { users, count } = now
    const news = difference(view, now)
    if (news) send(view.watchers, room, news)
    send(view.fresh, room, users ? { users } : { count })
    for (const peer of view.fresh) view.watchers.add(peer)
    view.fresh.clear()
    view.told = users && versionsOf(users)
    view.count = count
  }
  const judge = async (peer: Peer, room: string): Promise<void> => {
    const allowed = await sight.room(peer, room)
    if (!lists.get(peer)?.has(room)) return
    if (!allowed) {
      forget(peer, room)
      return
    }
    const view = viewOf(room)
    view.watchers.delete(peer)
    view.fresh.add(peer)
    dirty.add(room)
  }

  return {
    add(peer, rooms) {
      const list = lists.get(peer) ?? new Set<string>()
      lists.set(peer, list)
      let refused = 0
      for (const room of rooms) {
        if (!list.has(room) && list.size >= atMost) {
          refused += 1
          continue
        }
        list.add(room)
        ask(peer, room)
      }
      return refused
    },
    remove(peer, rooms) {
      for (const room of rooms) {
        lists.get(peer)?.delete(room)
        forget(peer, room)
      }
    },
    end(peer) {
      for (const room of lists.get(peer) ?? []) forget(peer, room)
      lists.delete(peer)
    },
    entered(peer, room) {
      const view = views.get(room)
      const isTold = view?.watchers.has(peer) || view?.fresh.has(peer)
      if (lists.get(peer)?.has(room) && !isTold) ask(peer, room)
    },
    expelled: forget,
    changed(room) {
      if (!views.has(room)) return
      dirty.add(room)
      onDue()
    },
    async flush() {
      const asked = [...asks].flatMap(([room, peers]) => [...peers].map((peer) => ({ room, peer })))
      asks.clear()
      const judged = await Promise.allSettled(asked.map(({ room, peer }) => judge(peer, room)))
      for (const [i, { status }] of judged.entries()) {
        const again = status === 'rejected' ? asked[i] : undefined
        if (again && lists.get(again.peer)?.has(again.room)) ask(again.peer, again.room)
      }
      const due = [...dirty]
      dirty.clear()
      const told = await Promise.allSettled(due.map(tell))
      for (const [i, { status }] of told.entries()) {
        const room = status === 'rejected' ? due[i] : undefined
        if (room !== undefined && views.has(room)) dirty.add(room)
      }
      if (asks.size + dirty.size > 0) throw new Error('It cannot be told now who is in some rooms.')
    },
  }
}
