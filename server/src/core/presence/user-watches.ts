import type { PresenceEntry } from 'tidings/protocol'
import type { Peer } from '../peer.js'
import type { Sight } from './rights.js'
import type { Presence } from './seam.js'

/** Who watches whom by name. Whoever may not is kept as asking: they may once the two share a room. */
export interface UserWatches {
  /** How many of them did not fit. */
  add(peer: Peer, users: readonly string[]): number
  remove(peer: Peer, users: readonly string[]): void
  end(peer: Peer): void
  changed(user: string): void
  /** The user entered a room: those who asked in vain may be told now. */
  entered(user: string): void
  /** The user was put out of a room: some may be told no more. */
  expelled(user: string): void
  /** Tells what there is to tell. Rejects when that is not known now; then it is told the next time. */
  flush(): Promise<void>
}

type State = 'asked' | 'granted'

/** For each key a set that is made when it is needed and goes with its last member. */
function createSets<K, V>() {
  const sets = new Map<K, Set<V>>()
  return {
    of: (key: K): ReadonlySet<V> => sets.get(key) ?? new Set(),
    add(key: K, value: V) {
      sets.set(key, (sets.get(key) ?? new Set<V>()).add(value))
    },
    delete(key: K, value: V) {
      const set = sets.get(key)
      if (set?.delete(value) && set.size === 0) sets.delete(key)
    },
    drop: (key: K) => sets.delete(key),
    /** Everything, which is empty afterwards. */
    take(): [K, Set<V>][] {
      const all = [...sets]
      sets.clear()
      return all
    },
  }
}

export function createUserWatches(parts: {
  readonly presence: Presence
  readonly sight: Sight
  /** Connections of a user. */
  readonly peersOf: (user: string) => Iterable<Peer>
  readonly atMost: number
  /** Whether an entry can be believed; otherwise it is told with what is told next. */
  readonly isSure: (entry: PresenceEntry) => boolean
  /** There is something to tell. */
  readonly onDue: () => void
}): UserWatches {
  const { presence, sight, peersOf, atMost, isSure, onDue } = parts
  const lists = new Map<Peer, Map<string, State>>()
  const watchers = createSets<string, Peer>()
  const doubts = createSets<Peer, string>()
  const fresh = createSets<Peer, string>()
  const dirty = new Set<string>()

  const stateOf = (peer: Peer, user: string): State | undefined => lists.get(peer)?.get(user)
  const doubt = (peer: Peer, user: string, inState: State) => {
    if (stateOf(peer, user) !== inState) return
    doubts.add(peer, user)
    onDue()
  }
  const doubtAll = (user: string, inState: State) => {
    for (const peer of watchers.of(user)) doubt(peer, user, inState)
    for (const peer of peersOf(user))
      for (const other of lists.get(peer)?.keys() ?? []) doubt(peer, other, inState)
  }

  const send = (peer: Peer, entries: readonly string[]) => {
    if (!peer.open || entries.length === 0) return
    peer.sendText({ type: 'presence_update' }, `{"type":"presence_update","users":[${entries.join(',')}]}`)
  }
  /** Somebody who may not be watched any more is shown as somebody nobody knows. */
  const hide = ({ userId, ver }: PresenceEntry): PresenceEntry => ({
    userId,
    status: 'offline',
    lastSeen: 0,
    ver,
  })

  const judge = async (peer: Peer, user: string): Promise<void> => {
    const allowed = await sight.user(peer, user)
    const state = stateOf(peer, user)
    if (state === undefined || (state === 'granted') === allowed) return
    lists.get(peer)?.set(user, allowed ? 'granted' : 'asked')
    if (allowed) fresh.add(peer, user)
    else for (const entry of await presence.of([user])) send(peer, [JSON.stringify(hide(entry))])
  }
  /** False when some could not be judged now: they are asked about again. */
  const settleDoubts = async (): Promise<boolean> => {
    const asks = doubts.take().flatMap(([peer, users]) => [...users].map((user) => ({ peer, user })))
    const judged = await Promise.allSettled(asks.map(({ peer, user }) => judge(peer, user)))
    const failed = judged.flatMap((result, i) => (result.status === 'rejected' ? (asks[i] ?? []) : []))
    for (const { peer, user } of failed) if (stateOf(peer, user)) doubts.add(peer, user)
    return failed.length === 0
  }
  const tell = async (): Promise<void> => {
    for (const user of dirty)
      for (const peer of watchers.of(user)) if (stateOf(peer, user) === 'granted') fresh.add(peer, user)
    dirty.clear()
    const due = fresh.take()
    const names = [...new Set(due.flatMap(([, users]) => [...users]))]
    if (names.length === 0) return
    let entries: readonly PresenceEntry[]
    try {
      entries = await presence.of(names)
    } catch (cause) {
      for (const [peer, users] of due)
        for (const user of users) if (stateOf(peer, user)) fresh.add(peer, user)
      throw cause
    }
    // Printed once for all who are told.
    const texts = new Map(entries.filter(isSure).map((entry) => [entry.userId, JSON.stringify(entry)]))
    for (const [peer, users] of due) {
      const granted = [...users].filter((user) => stateOf(peer, user) === 'granted')
      send(
        peer,
        granted.flatMap((user) => texts.get(user) ?? []),
      )
      for (const user of granted) if (!texts.has(user)) fresh.add(peer, user)
    }
  }

  const drop = (peer: Peer, user: string) => {
    lists.get(peer)?.delete(user)
    watchers.delete(user, peer)
    doubts.delete(peer, user)
    fresh.delete(peer, user)
  }
  return {
    add(peer, users) {
      const list = lists.get(peer) ?? new Map<string, State>()
      lists.set(peer, list)
      let refused = 0
      for (const user of users) {
        if (!list.has(user) && list.size >= atMost) {
          refused += 1
          continue
        }
        // Asked again, it is answered again.
        list.set(user, 'asked')
        watchers.add(user, peer)
        doubt(peer, user, 'asked')
      }
      return refused
    },
    remove(peer, users) {
      for (const user of users) drop(peer, user)
    },
    end(peer) {
      for (const user of [...(lists.get(peer)?.keys() ?? [])]) drop(peer, user)
      lists.delete(peer)
    },
    changed(user) {
      if (watchers.of(user).size === 0) return
      dirty.add(user)
      onDue()
    },
    entered: (user) => doubtAll(user, 'asked'),
    expelled: (user) => doubtAll(user, 'granted'),
    async flush() {
      const isSettled = await settleDoubts()
      // Whoever cannot be judged keeps nobody else from being told.
      await tell()
      if (!isSettled) throw new Error('It cannot be told now who may watch whom.')
    },
  }
}
