import type { Entry } from './entry.js'
import type { Outbox } from './outbox.js'

/** What operations name: the message that they are about or answer, and the edit that they build on. */
export interface References {
  /** Whether one of those that are next in a room names what this context has never heard of. Says so once of each. */
  areStrange(room: string, next: readonly Entry[]): boolean
  /** Whether it names an own operation that the server does not have. */
  waits(entry: Entry): boolean
  /** Whether it changes a message that is not in the list: nobody sees what becomes of it, and nobody can decide about it. */
  isOutOfSight(entry: Entry): boolean
}

export interface ReferencesParts {
  readonly outbox: Pick<Outbox, 'get'>
  /** The message of this name in the log of a room, as far as that is in memory. */
  readonly logged: (room: string, name: string) => object | undefined
  /** Whether the list of the room shows it, or would where its reader stands elsewhere. */
  readonly isListed: (room: string, name: string) => boolean
}

export function createReferences({ outbox, logged, isListed }: ReferencesParts): References {
  /** By room: those that are next and were told of. */
  const told = new Map<string, ReadonlySet<string>>()
  const isKnown = (room: string, name: string): boolean =>
    (outbox.get(name) ?? logged(room, name)) !== undefined
  const isAcked = (name: string): boolean => (outbox.get(name)?.state ?? 'acked') === 'acked'
  const isStrange = ({ room, target, replyTo, after }: Entry): boolean =>
    [target, replyTo, after].some((name) => name !== undefined && !isKnown(room, name))

  return {
    areStrange(room, next) {
      const before = told.get(room)
      const strange = next.filter(isStrange).map(({ id }) => id)
      told.set(room, new Set(strange))
      return strange.some((id) => !before?.has(id))
    },
    waits: ({ target, replyTo }) => [target, replyTo].some((name = '') => !isAcked(name)),
    // Own ones that were acknowledged are remembered long after they left the list.
    isOutOfSight: ({ room, target }) => target !== undefined && !isListed(room, target) && isAcked(target),
  }
}
