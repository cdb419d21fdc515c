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
  /** Reads what all other nodes have written: at the start, and after the channel was lost. */
  read(): Promise<void>
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
  /** Connections of other nodes, and how many tellings of each were heard. */
  const others = new Map<string, { readonly sessions: Set<string>; heard: number }>()

  const write = (...words: readonly string[]) => void link.command(...words).catch(() => undefined)
  const flush = () => {
    cancelFlush = undefined
    if (acts.length === 0) return
    for (const session of changed) {
      const seat = seats.get(session)
      if (seat) write('HSET', keyOf(node), session, seatText(seat))
      else write('HDEL', keyOf(node), session)
    }
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

  const sessionsOf = (name: string) => {
    const known = others.get(name) ?? { sessions: new Set<string>(), heard: 0 }
    others.set(name, known)
    return known
  }
  const enterOther = (name: string, session: string, { user, said, rooms }: Seat) => {
    sessionsOf(name).sessions.add(session)
    everybody.enter(session, user)
    if (said) everybody.say(session, said)
    for (const room of rooms) everybody.join(session, room)
  }
  const apply = (name: string, [what, session, value]: Act) => {
    const { sessions } = sessionsOf(name)
    if (what === 'enter') enterOther(name, session, { user: value, said: undefined, rooms: new Set() })
    else if (what === 'say') everybody.say(session, value)
    else if (what === 'join') everybody.join(session, value)
    else if (what === 'part') everybody.part(session, value)
    else if (what === 'expel') everybody.expel(session, value)
    else if (what === 'beat') everybody.beat(sessions)
    else if (what === 'leave') {
      sessions.delete(session)
      everybody.leave(session, value)
    }
  }
  const readNode = async (name: string, heard: number) => {
    const known = sessionsOf(name)
    const written = new Map(fieldsOf(await link.command('HGETALL', keyOf(name))))
    known.heard = Math.max(known.heard, heard)
    for (const session of [...known.sessions])
      if (!written.has(session)) apply(name, ['leave', session, clock.now()])
    for (const [session, text] of written) {
      const seat = seatOf(text)
      if (seat && !known.sessions.has(session)) enterOther(name, session, seat)
      else if (seat?.said) everybody.say(session, seat.said)
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
      if (count > known.heard + 1) void readNode(name, count).catch(() => undefined)
      known.heard = Math.max(known.heard, count)
      for (const each of done) apply(name, each)
    },
    async read() {
      const since = String(clock.now() - ttlMs)
      const names = await link.command('ZRANGEBYSCORE', nodesKey, since, '+inf')
      const found = Array.isArray(names) ? names.map(String).filter((name) => name !== node) : []
      await Promise.all(found.map((name) => readNode(name, 0)))
    },
    close() {
      cancelFlush?.()
      flush()
      everybody.close()
      others.clear()
    },
  }
}
