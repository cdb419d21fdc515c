import { createMemoryLog, type Log, type MarkClaim, type Operation } from 'tidings-server/core'

/** Something that a log was told to keep. */
type Deed =
  | { readonly at: number; readonly operations: readonly Operation[] }
  | { readonly at: number; readonly claims: readonly MarkClaim[] }

/** A log that can be put back to an earlier state, as when a server is restored from a backup. */
export interface KeptLog {
  /** As it is now; another one after each rollback. */
  readonly log: Log
  /** Whether a message stands in it, by its id. */
  has(messageId: string): boolean
  /** Where the messages of a room stand, by id. */
  messages(room: string): ReadonlyMap<string, number>
  /** The last so many things that it was told never happened. */
  rollBack(deeds: number): void
}

/** What happened so far is told again to a new log, at the times at which it happened: the same entries, the same cursors. */
export function createKeptLog(clock: { now(): number }): KeptLog {
  const deeds: Deed[] = []
  let rooms = new Map<string, Map<string, number>>()

  function tell(log: Log, deed: Deed): void {
    if ('operations' in deed) void log.append(deed.operations)
    else void log.marks?.raise(deed.claims)
  }

  function build(): Log {
    let retelling: number | undefined
    const found = new Map<string, Map<string, number>>()
    const log = createMemoryLog({ clock: { now: () => retelling ?? clock.now() } })
    log.follow((committed) => {
      for (const { kind, room, messageId, seq } of committed) {
        if (kind !== 'create' && kind !== 'system') continue
        found.set(room, (found.get(room) ?? new Map()).set(messageId, seq))
      }
    })
    for (const deed of deeds) {
      retelling = deed.at
      tell(log, deed)
    }
    retelling = undefined
    rooms = found
    const { marks } = log
    return {
      ...log,
      append(operations) {
        deeds.push({ at: clock.now(), operations: [...operations] })
        return log.append(operations)
      },
      ...(marks && {
        marks: {
          ...marks,
          raise(claims: readonly MarkClaim[]) {
            deeds.push({ at: clock.now(), claims: [...claims] })
            return marks.raise(claims)
          },
        },
      }),
    }
  }

  let log = build()
  return {
    get log() {
      return log
    },
    has: (messageId) => [...rooms.values()].some((messages) => messages.has(messageId)),
    messages: (room) => rooms.get(room) ?? new Map(),
    rollBack(count) {
      deeds.splice(Math.max(0, deeds.length - count))
      log = build()
    },
  }
}
