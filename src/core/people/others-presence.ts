import { compareText, type PresenceEntry, type ServerFrames } from '../../protocol/index.js'
import type { Backstage } from '../backstage.js'
import { presenceRoomMost } from '../limits.js'
import { checkedName } from '../names.js'
import type { Readable } from '../seams/readable.js'
import { createView } from '../view.js'
import type { PresenceStatus } from './own-presence.js'
import { createWakeUp } from './wake-up.js'
import { createWatchList, type Kind } from './watch-list.js'

/** Somebody, as all of their connections together show them. */
export interface UserPresence {
  readonly user: string
  /** `unknown` while not connected, until the server was heard, and for whom this user may not see. */
  readonly status: PresenceStatus | 'unknown'
  readonly custom: string | null
  /** Kind of device. */
  readonly device: string | null
  /** Where they are, as they say. */
  readonly room: string | null
  /** The last sign of life, ms since the epoch by the server's clock; null when it is not known. */
  readonly lastSeen: number | null
  /** Ms since the epoch by the server's clock; null once it has passed. */
  readonly doNotDisturbUntil: number | null
}

/** Who is in a room. */
export interface RoomPresence {
  /** By user id. Empty while not connected, and in a room so large that the server tells the number alone. */
  readonly users: readonly UserPresence[]
  /** How many; null while it is not known. */
  readonly count: number | null
}

/** The others, as the server tells of them. */
export interface OthersPresence {
  of(user: string): Readable<UserPresence>
  inRoom(room: string): Readable<RoomPresence>
  take(frame: ServerFrames['presence_update']): void
  /** This user is out of the room: what was heard of it does not hold. */
  lose(room: string): void
  up(): void
  down(): void
  stop(): void
}

/** What was heard of a room: people, or where those are too many their number. */
interface Heard {
  readonly people: Map<string, PresenceEntry>
  count: number | null
  shown: RoomPresence | undefined
}

const UNKNOWN_ROOM: RoomPresence = { users: [], count: null }
const unknownUser = (user: string): UserPresence => ({
  user,
  status: 'unknown',
  custom: null,
  device: null,
  room: null,
  lastSeen: null,
  doNotDisturbUntil: null,
})

export function createOthersPresence(
  stage: Pick<Backstage, 'clock' | 'serverNow' | 'send' | 'onThrow'>,
): OthersPresence {
  const { clock, serverNow, onThrow } = stage
  const users = new Map<string, PresenceEntry>()
  const rooms = new Map<string, Heard>()
  const touches: Record<Kind, Map<string, Set<() => void>>> = { users: new Map(), rooms: new Map() }
  const shown = new WeakMap<PresenceEntry, UserPresence>()

  const list = createWatchList({
    clock,
    send: (watch) => stage.send({ type: 'presence', watch }, 'ephemeral'),
    onDropped: (kind, name) => void (kind === 'users' ? users.delete(name) : rooms.delete(name)),
  })
  const wakeUp = createWakeUp({ clock, now: serverNow, run: wake })

  function touch(kind: Kind, name: string): void {
    for (const tell of touches[kind].get(name) ?? []) tell()
  }
  function touchAll(): void {
    for (const kind of ['users', 'rooms'] as const) for (const name of touches[kind].keys()) touch(kind, name)
  }

  /** A time until which somebody does not want to be disturbed has come. */
  function wake(): void {
    for (const heard of rooms.values()) heard.shown = undefined
    touchAll()
    plan()
  }
  function plan(): void {
    let next: number | null = null
    const all = [users, ...[...rooms.values()].map(({ people }) => people)]
    for (const entries of all)
      for (const { doNotDisturbUntil: until = 0 } of entries.values())
        if (until > serverNow() && (next === null || until < next)) next = until
    wakeUp.at(next)
  }

  /** The same reference for the same entry, so that a row that shows it is not drawn anew. */
  function userOf(entry: PresenceEntry): UserPresence {
    const until = entry.doNotDisturbUntil ?? 0
    const doNotDisturbUntil = until > serverNow() ? until : null
    const known = shown.get(entry)
    if (known?.doNotDisturbUntil === doNotDisturbUntil) return known
    const made: UserPresence = {
      user: entry.userId,
      status: entry.status,
      doNotDisturbUntil,
      custom: entry.custom ?? null,
      device: entry.device ?? null,
      room: entry.room ?? null,
      lastSeen: entry.lastSeen > 0 ? entry.lastSeen : null,
    }
    shown.set(entry, made)
    return made
  }
  function roomOf(room: string): RoomPresence {
    const heard = rooms.get(room)
    if (!heard) return UNKNOWN_ROOM
    if (!heard.shown) {
      const sorted = [...heard.people.values()].sort((a, b) => compareText(a.userId, b.userId))
      heard.shown = { users: sorted.map(userOf), count: heard.count ?? sorted.length }
    }
    return heard.shown
  }

  /** Keeps what is not older than what is known: a lower version is late. */
  function put(entries: Map<string, PresenceEntry>, entry: PresenceEntry): boolean {
    const known = entries.get(entry.userId)
    if (known && entry.ver < known.ver) return false
    if (!known && entries.size >= presenceRoomMost) return false
    entries.set(entry.userId, entry)
    return true
  }
  function takeRoom(room: string, { users: come, left, count }: ServerFrames['presence_update']): void {
    if (!list.has('rooms', room)) return
    const heard = rooms.get(room) ?? { people: new Map(), count: null, shown: undefined }
    rooms.set(room, heard)
    heard.shown = undefined
    heard.count = come || left ? null : (count ?? null)
    if (!come && !left) heard.people.clear()
    for (const entry of come ?? []) put(heard.people, entry)
    for (const user of left ?? []) heard.people.delete(user)
    touch('rooms', room)
  }

  /** A Readable of something that is watched while somebody listens. */
  function watching<T>(kind: Kind, name: string, get: () => T): Readable<T> {
    let release: (() => void) | undefined
    const view = createView(get, onThrow, (watched) => {
      const tellers = touches[kind].get(name) ?? new Set()
      if (watched) {
        touches[kind].set(name, tellers.add(view.touch))
        release = list.hold(kind, name)
      } else {
        tellers.delete(view.touch)
        if (tellers.size === 0) touches[kind].delete(name)
        release?.()
      }
    })
    return {
      get,
      subscribe(listener) {
        // Nobody told it of what happened while nobody listened.
        view.touch()
        return view.subscribe(listener)
      },
    }
  }

  return {
    of(user) {
      const unknown = unknownUser(checkedName(user))
      return watching('users', user, () => {
        const entry = users.get(user)
        return entry ? userOf(entry) : unknown
      })
    },
    inRoom: (room) => watching('rooms', checkedName(room), () => roomOf(room)),
    take(frame) {
      if (frame.room !== undefined) takeRoom(frame.room, frame)
      else
        for (const entry of frame.users ?? [])
          if (list.has('users', entry.userId) && put(users, entry)) touch('users', entry.userId)
      plan()
    },
    lose(room) {
      if (!rooms.delete(room)) return
      touch('rooms', room)
      // The server goes by what it told: of whoever was there and stays it would say nothing any more.
      list.askAgain('rooms', room)
    },
    up: list.up,
    down() {
      list.down()
      wakeUp.at(null)
      users.clear()
      rooms.clear()
      touchAll()
    },
    stop() {
      list.stop()
      wakeUp.at(null)
    },
  }
}
