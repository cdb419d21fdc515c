import { createMemoryPresence } from '../core/presence/memory.js'
import type { Presence, Said } from '../core/presence/seam.js'
import type { Clock } from '../core/seams.js'
import { type Act, actsOf, type Seat, seatOf, seatText } from './presence-acts.js'

/** What presence needs of Redis: sorted sets, hashes, and one channel for all nodes. */
export interface PresenceLink {
  command(...words: readonly string[]): Promise<unknown>
  /** To every other node. */
  tell(text: string): void
}

export interface RedisPresenceOptions {
  readonly link: PresenceLink
  readonly clock: Clock
  readonly node: string
  readonly prefix: string
  readonly ttlMs: number
  readonly graceMs: number
}

export interface RedisPresence extends Presence {
  /** What another node told. */
  heard(node: string, text: string): void
  /** Writes what is here once more, and reads what all other nodes have written: at the start, and after Redis was out of reach. */
  read(): Promise<void>
}

/** What is known of another node. */
interface Other {
  /** Its connections, with the rooms that each is in. */
  readonly sessions: Map<string, Set<string>>
  /** How many tellings were heard. */
  heard: number
  /** How often it is being read what it has written, and what it has told since then: that may be newer. */
  reading: number
  readonly held: Act[]
  /** It is forgotten, unless it is heard of again. */
  cancelEnd: () => void
}

const fieldsOf = (reply: unknown): readonly (readonly [string, string])[] => {
  if (Array.isArray(reply))
    return reply.flatMap((field, i) => (i % 2 === 0 ? [[String(field), String(reply[i + 1])] as const] : []))
  return Object.entries(Object(reply)).map(([field, value]) => [field, String(value)] as const)
}

/**
 * Presence of all nodes, known to each of them. A node writes its connections into a hash that ends when the node does, names itself in a
 * sorted set by when it was last alive, and tells the others what changes; what they have told is counted together with what is here.
 */
export function createRedisPresence(options: RedisPresenceOptions): RedisPresence {
  const { link, clock, node, prefix, ttlMs, graceMs } = options
  const everybody = createMemoryPresence({ clock, ttlMs, graceMs })
  const nodesKey = `${prefix}:presence`
  const keyOf = (name: string) => `${prefix}:presence:${name}`
  /** Connections of this node, and what there is to write and to tell at the end of the tick. */
  const seats = new Map<string, Seat>()
  const changed = new Set<string>()
  let acts: Act[] = []
  let told = 0
  let cancelFlush: (() => void) | undefined
  /** Connections of which Redis may have something else, as a command has failed. */
  const unwritten = new Set<string>()
  const others = new Map<string, Other>()

  const write = (...words: readonly string[]) => void link.command(...words).catch(() => undefined)
  const writeDown = (session: string) => {
    const seat = seats.get(session)
    const words = seat ? ['HSET', keyOf(node), session, seatText(seat)] : ['HDEL', keyOf(node), session]
    unwritten.delete(session)
    link.command(...words).catch(() => unwritten.add(session))
  }
  const flush = () => {
    cancelFlush = undefined
    if (acts.length === 0) return
    for (const session of changed) writeDown(session)
    write('PEXPIRE', keyOf(node), String(ttlMs))
    write('ZADD', nodesKey, String(clock.now()), node)
    write('ZREMRANGEBYSCORE', nodesKey, '-inf', String(clock.now() - 2 * ttlMs))
    told += 1
    link.tell(JSON.stringify({ told, acts }))
    changed.clear()
    acts = []
  }
  const act = (session: string, done: Act) => {
    acts.push(done)
    if (session !== '') changed.add(session)
    cancelFlush ??= clock.after(0, flush)
  }

  /** A node that died says no goodbye: what it had counts no more by then, and is not kept for ever. */
  const endLater = (name: string, other: Other) => {
    other.cancelEnd()
    other.cancelEnd = clock.after(2 * ttlMs, () => {
      others.delete(name)
      for (const session of other.sessions.keys()) everybody.leave(session, 0)
    })
  }
  const sessionsOf = (name: string) => {
    const known = others.get(name)
    if (known) return known
    const made: Other = { sessions: new Map(), heard: 0, reading: 0, held: [], cancelEnd: () => {} }
    others.set(name, made)
    endLater(name, made)
    return made
  }
  const enterOther = (name: string, session: string, { user, said, rooms }: Seat) => {
    sessionsOf(name).sessions.set(session, rooms)
    everybody.enter(session, user)
    if (said) everybody.say(session, said)
    for (const room of rooms) everybody.join(session, room)
  }
  const apply = (name: string, [what, session, value]: Act) => {
    const { sessions } = sessionsOf(name)
    if (what === 'enter') {
      if (!sessions.has(session))
        enterOther(name, session, { user: value, said: undefined, rooms: new Set() })
    } else if (what === 'say') everybody.say(session, value)
    else if (what === 'join') {
      sessions.get(session)?.add(value)
      everybody.join(session, value)
    } else if (what === 'part') {
      sessions.get(session)?.delete(value)
      everybody.part(session, value)
    } else if (what === 'expel') everybody.expel(session, value)
    else if (what === 'beat') everybody.beat(sessions.keys())
    else if (what === 'leave') {
      sessions.delete(session)
      everybody.leave(session, value)
    }
  }
  /** What was told of a connection may have been lost. */
  const catchUp = (name: string, session: string, seat: Seat) => {
    const { sessions } = sessionsOf(name)
    const before = sessions.get(session)
    if (!before) {
      enterOther(name, session, seat)
      return
    }
    sessions.set(session, seat.rooms)
    if (seat.said) everybody.say(session, seat.said)
    for (const room of before) if (!seat.rooms.has(room)) everybody.part(session, room)
    for (const room of seat.rooms) everybody.join(session, room)
  }
  const readNode = async (name: string) => {
    const known = sessionsOf(name)
    known.reading += 1
    try {
      const written = new Map(fieldsOf(await link.command('HGETALL', keyOf(name))))
      for (const session of [...known.sessions.keys()])
        if (!written.has(session)) apply(name, ['leave', session, clock.now()])
      for (const [session, text] of written) {
        const seat = seatOf(text)
        if (seat) catchUp(name, session, seat)
      }
    } catch (cause) {
      // It has not caught up: the next that is heard is reason to read again.
      known.heard = 0
      throw cause
    } finally {
      known.reading -= 1
      if (known.reading === 0) for (const each of known.held.splice(0)) apply(name, each)
    }
  }
  const say = (session: string, said: Said) => {
    everybody.say(session, said)
    const seat = seats.get(session)
    if (!seat) return
    seat.said = said
    act(session, ['say', session, said])
  }

  return {
    ...everybody,
    say,
    enter(session, user) {
      everybody.enter(session, user)
      seats.set(session, { user, said: undefined, rooms: new Set() })
      act(session, ['enter', session, user])
    },
    join(session, room) {
      everybody.join(session, room)
      if (seats.get(session)?.rooms.add(room)) act(session, ['join', session, room])
    },
    part(session, room) {
      everybody.part(session, room)
      if (seats.get(session)?.rooms.delete(room)) act(session, ['part', session, room])
    },
    beat(sessions) {
      everybody.beat(sessions)
      if (seats.size > 0) act('', ['beat', '', ''])
    },
    leave(session, seenAt) {
      everybody.leave(session, seenAt)
      if (seats.delete(session)) act(session, ['leave', session, seenAt])
    },
    expel(user, room) {
      everybody.expel(user, room)
      for (const [session, seat] of seats)
        if (seat.user === user && seat.rooms.delete(room)) changed.add(session)
      act('', ['expel', user, room])
    },
    heard(name, text) {
      const { told: count, acts: done } = actsOf(text)
      const known = sessionsOf(name)
      if (count > known.heard + 1) void readNode(name).catch(() => undefined)
      known.heard = Math.max(known.heard, count)
      endLater(name, known)
      if (known.reading > 0) known.held.push(...done)
      else for (const each of done) apply(name, each)
    },
    async read() {
      for (const session of [...seats.keys(), ...unwritten]) changed.add(session)
      // Whoever hears of it and has missed something reads what was written.
      if (changed.size > 0) act('', ['beat', '', ''])
      const since = String(clock.now() - ttlMs)
      const names = await link.command('ZRANGEBYSCORE', nodesKey, since, '+inf')
      const found = Array.isArray(names) ? names.map(String).filter((name) => name !== node) : []
      await Promise.all(found.map(readNode))
    },
    close() {
      cancelFlush?.()
      flush()
      everybody.close()
      for (const { cancelEnd } of others.values()) cancelEnd()
      others.clear()
    },
  }
}
