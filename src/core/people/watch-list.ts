import { type ClientFrames, WIRE } from '../../protocol/index.js'
import { presenceLingerMs, presenceRetryMs } from '../limits.js'
import { perTick } from '../per-tick.js'
import type { Clock } from '../seams/clock.js'

/** What can be watched: a user by id, or whoever is in a room. */
export type Kind = 'users' | 'rooms'
type Watch = NonNullable<ClientFrames['presence']['watch']>

/** Whom the server is asked to tell of. It is told what changed once a tick, and everything on each new connection. */
export interface WatchList {
  /** Watches until the returned function is called, and a little longer. */
  hold(kind: Kind, name: string): () => void
  /** Whether it is watched, or the server still tells of it. */
  has(kind: Kind, name: string): boolean
  /** What was heard of it is lost: if it is watched still, it is asked for once more. */
  askAgain(kind: Kind, name: string): void
  /** A new connection, whose server knows nothing yet. */
  up(): void
  down(): void
  stop(): void
}

interface Subject {
  holders: number
  cancelLinger: (() => void) | undefined
}

export function createWatchList(parts: {
  readonly clock: Clock
  /** False when it was not taken and has to be sent again. */
  readonly send: (watch: Watch) => boolean
  /** The server tells of it no more. */
  readonly onDropped: (kind: Kind, name: string) => void
}): WatchList {
  const { clock, send, onDropped } = parts
  const subjects: Record<Kind, Map<string, Subject>> = { users: new Map(), rooms: new Map() }
  /** What the server of this connection was asked for; undefined without one. */
  let told: Record<Kind, Set<string>> | undefined
  let cancelLater: (() => void) | undefined
  let ended = false

  /** The next frame's worth of what the server does not know yet. */
  function due(asked: Record<Kind, ReadonlySet<string>>): { readonly add: Names; readonly remove: Names } {
    const add = names((kind) => [...subjects[kind].keys()].filter((name) => !asked[kind].has(name)))
    const remove = names((kind) => [...asked[kind]].filter((name) => !subjects[kind].has(name)))
    return { add, remove }
  }

  function flush(): void {
    if (!told || cancelLater) return
    for (;;) {
      const { add, remove } = due(told)
      if (isEmpty(add) && isEmpty(remove)) return
      if (!send({ ...(!isEmpty(add) && { add }), ...(!isEmpty(remove) && { remove }) })) break
      for (const kind of KINDS) {
        for (const name of remove[kind] ?? []) {
          told[kind].delete(name)
          onDropped(kind, name)
        }
        for (const name of add[kind] ?? []) told[kind].add(name)
      }
    }
    later(presenceRetryMs)
  }
  function later(ms: number): void {
    if (!told || cancelLater) return
    cancelLater = clock.after(ms, () => {
      cancelLater = undefined
      flush()
    })
  }
  const soon = perTick<void>(flush)

  function down(): void {
    told = undefined
    cancelLater?.()
    cancelLater = undefined
  }

  function release(kind: Kind, name: string, subject: Subject): void {
    subject.holders -= 1
    if (subject.holders > 0 || ended) return
    subject.cancelLinger = clock.after(presenceLingerMs, () => {
      // What was heard of it stays until the server is told: whoever comes before that is told nothing anew.
      subjects[kind].delete(name)
      // A list that is unmounted lets go of all its rows: one frame for all of them.
      later(0)
    })
  }

  return {
    hold(kind, name) {
      const subject = subjects[kind].get(name) ?? { holders: 0, cancelLinger: undefined }
      subjects[kind].set(name, subject)
      subject.cancelLinger?.()
      subject.cancelLinger = undefined
      subject.holders += 1
      soon()
      let released = false
      return () => {
        if (released) return
        released = true
        release(kind, name, subject)
      }
    },
    has: (kind, name) => subjects[kind].has(name) || told?.[kind].has(name) === true,
    askAgain(kind, name) {
      if (subjects[kind].has(name) && told?.[kind].delete(name)) soon()
    },
    up() {
      down()
      told = { users: new Set(), rooms: new Set() }
      soon()
    },
    down,
    stop() {
      down()
      ended = true
      for (const kind of KINDS) {
        for (const subject of subjects[kind].values()) subject.cancelLinger?.()
        subjects[kind].clear()
      }
    },
  }
}

const KINDS = ['users', 'rooms'] as const
type Names = { readonly [K in Kind]?: readonly string[] }

function names(of: (kind: Kind) => readonly string[]): {
  readonly users?: string[]
  readonly rooms?: string[]
} {
  const [users, rooms] = KINDS.map((kind) => of(kind).slice(0, WIRE.presenceNames))
  return { ...(users?.length && { users }), ...(rooms?.length && { rooms }) }
}

const isEmpty = ({ users, rooms }: Names): boolean => !users && !rooms
