import { compareText, type PresenceEntry } from 'tidings/protocol'
import type { Clock } from '../seams.js'
import { entryOf, type Link, lookOf, type Person, sameLook, shows } from './person.js'
import type { OnlineAsk, Presence, PresenceChange } from './seam.js'

export interface MemoryPresenceOptions {
  readonly clock: Clock
  /** Without a beat for this long a connection counts no more. Default 75 s: three beats. */
  readonly ttlMs?: number
  /** How long one that left still counts. Default 15 s. */
  readonly graceMs?: number
  /** Users who are gone and still remembered; those gone the longest are forgotten first. Default 10,000. */
  readonly remembered?: number
}

/** Presence in this process, for a server that is alone. */
export function createMemoryPresence(options: MemoryPresenceOptions): Presence {
  const { clock, ttlMs = 75_000, graceMs = 15_000, remembered = 10_000 } = options
  const links = new Map<string, Link>()
  const people = new Map<string, Person>()
  /** Those without a connection, gone the longest first. */
  const gone = new Set<Person>()
  const rooms = new Map<string, Set<string>>()
  const listeners = new Set<(change: PresenceChange) => void>()
  let lastVer = 0
  let words = 0

  // One row of numbers for everybody: whoever was forgotten still comes back with a greater one.
  const nextVer = (): number => {
    lastVer = Math.max(lastVer + 1, Math.floor(clock.now()))
    return lastVer
  }
  const tell = (change: PresenceChange) => {
    for (const listener of [...listeners]) listener(change)
  }
  const place = (room: string, user: string, isThere: boolean) => {
    const there = rooms.get(room) ?? new Set()
    if (isThere) rooms.set(room, there.add(user))
    else if (there.delete(user) && there.size === 0) rooms.delete(room)
  }

  const personOf = (user: string): Person => {
    const known = people.get(user)
    if (known) return known
    const look = { userId: user, status: 'offline' as const }
    const made = { user, links: new Set<Link>(), look, ver: nextVer(), seenAt: 0 }
    const person: Person = { ...made, shownIn: new Set(), lastRooms: new Set() }
    people.set(user, person)
    return person
  }
  const forgetOldest = () => {
    if (gone.size <= remembered) return
    const [oldest] = gone
    if (!oldest) return
    gone.delete(oldest)
    people.delete(oldest.user)
  }

  /** Shows a person as their connections now have them, and tells if that is new. */
  const refresh = (person: Person) => {
    const look = lookOf(person)
    const isNew = !sameLook(person.look, look)
    const before = person.shownIn
    const after = new Set<string>()
    if (look.status !== 'offline')
      for (const link of person.links) if (shows(link)) for (const room of link.rooms) after.add(room)
    const entered = [...after].filter((room) => !before.has(room))
    const left = [...before].filter((room) => !after.has(room))
    for (const room of entered) place(room, person.user, true)
    for (const room of left) place(room, person.user, false)
    person.shownIn = after
    if (after.size > 0 || look.status !== 'offline') person.lastRooms = after
    person.look = look
    if (isNew) person.ver = nextVer()
    const { user } = person
    if (isNew) tell({ user, entry: true, rooms: [...after, ...left] })
    else if (entered.length + left.length > 0) tell({ user, entry: false, rooms: [...entered, ...left] })
  }
  /** One more room, or one less: without a look at all the others. */
  const refreshRoom = (person: Person, room: string) => {
    const isThere =
      person.look.status !== 'offline' &&
      [...person.links].some((link) => shows(link) && link.rooms.has(room))
    if (isThere === person.shownIn.has(room)) return
    if (isThere) person.shownIn.add(room)
    else person.shownIn.delete(room)
    place(room, person.user, isThere)
    tell({ user: person.user, entry: false, rooms: [room] })
  }

  const remove = (link: Link) => {
    link.cancel()
    links.delete(link.session)
    const person = personOf(link.user)
    person.links.delete(link)
    refresh(person)
    if (person.links.size > 0) return
    gone.add(person)
    forgetOldest()
  }
  const expire = (link: Link) => {
    const person = personOf(link.user)
    if (shows(link)) person.seenAt = link.seenAt
    link.state = 'silent'
    refresh(person)
  }
  const beat = (link: Link) => {
    link.cancel()
    link.cancel = clock.after(ttlMs, () => expire(link))
    link.seenAt = clock.now()
    if (link.state === 'open') return
    link.state = 'open'
    refresh(personOf(link.user))
  }
  const isOpen = (link: Link | undefined): link is Link => link !== undefined && link.state !== 'gone'

  const online = ({ room, since }: OnlineAsk): readonly PresenceEntry[] => {
    const now = clock.now()
    return [...people.values()]
      .filter((person) => {
        const isHere = person.look.status !== 'offline'
        const where = isHere ? person.shownIn : person.lastRooms
        const isMeant = isHere || (since !== undefined && person.seenAt > 0 && person.seenAt >= since)
        return isMeant && (room === undefined || where.has(room))
      })
      .map((person) => entryOf(person, now))
      .sort((a, b) => compareText(a.userId, b.userId))
  }
  const unknown = (userId: string): PresenceEntry => ({
    userId,
    status: 'offline',
    lastSeen: 0,
    ver: nextVer(),
  })
  const entry = (user: string): PresenceEntry => {
    const person = people.get(user)
    return person ? entryOf(person, clock.now()) : unknown(user)
  }

  return {
    enter(session, user) {
      const person = personOf(user)
      gone.delete(person)
      const link: Link = {
        session,
        user,
        state: 'open',
        said: undefined,
        muted: false,
        // Nothing was said yet: whoever has spoken goes before it.
        order: 0,
        seenAt: clock.now(),
        rooms: new Set<string>(),
        cancel: () => {},
      }
      links.set(session, link)
      person.links.add(link)
      beat(link)
      refresh(person)
    },
    say(session, said) {
      const link = links.get(session)
      if (!isOpen(link)) return
      const person = personOf(link.user)
      link.said = said
      link.order = ++words
      if (said.status === 'offline') person.seenAt = clock.now()
      for (const other of person.links) if (other.state === 'gone') other.muted = true
      refresh(person)
    },
    join(session, room) {
      const link = links.get(session)
      if (!isOpen(link)) return
      link.rooms.add(room)
      refreshRoom(personOf(link.user), room)
    },
    part(session, room) {
      const link = links.get(session)
      if (!isOpen(link) || !link.rooms.delete(room)) return
      refreshRoom(personOf(link.user), room)
    },
    beat(sessions) {
      for (const session of sessions) {
        const link = links.get(session)
        if (isOpen(link)) beat(link)
      }
    },
    leave(session, seenAt) {
      const link = links.get(session)
      if (!isOpen(link)) return
      if (shows(link)) personOf(link.user).seenAt = seenAt
      link.cancel()
      if (link.state === 'silent' || graceMs <= 0) {
        remove(link)
        return
      }
      link.state = 'gone'
      link.cancel = clock.after(graceMs, () => remove(link))
    },
    expel(user, room) {
      const person = people.get(user)
      if (!person) return
      for (const link of person.links) link.rooms.delete(room)
      if (person.lastRooms !== person.shownIn)
        person.lastRooms = new Set([...person.lastRooms].filter((other) => other !== room))
      refreshRoom(person, room)
    },
    of: async (users) => users.map(entry),
    async inRoom(room, atMost) {
      const there = rooms.get(room)
      const count = there?.size ?? 0
      return count > atMost ? { count } : { count, users: [...(there ?? [])].map(entry) }
    },
    async roomsOf(user) {
      const person = people.get(user)
      if (!person) return []
      // Whoever wants to look gone is in their rooms all the same: this is about rights.
      const known = new Set(person.lastRooms)
      for (const link of person.links) for (const room of link.rooms) known.add(room)
      return [...known]
    },
    online: async (ask) => online(ask),
    follow(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    close() {
      for (const link of links.values()) link.cancel()
      for (const each of [links, people, gone, rooms, listeners]) each.clear()
    },
  }
}
