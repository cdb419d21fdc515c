import type { Room } from './api.js'
import type { Changes } from './changes.js'
import { takeBody } from './composer.js'
import type { OnConflict, Resolution } from './conflicts.js'
import type { FollowedRoom } from './followed-room.js'
import { type Entry, isConflict } from './messages/entry.js'
import type { Outbox } from './messages/outbox.js'
import { errorOf } from './messages/shown.js'
import { discard, type Renewal, renew, requeue } from './messages/transitions.js'
import { isThenable } from './thenable.js'

export interface ResolverParts {
  readonly followed: Pick<FollowedRoom, 'id' | 'keeper' | 'timeline'>
  readonly outbox: Outbox
  readonly changes: Changes
  readonly tick: () => string
  readonly serverNow: () => number
  readonly onConflict: () => OnConflict | undefined
  /** Nobody decided: the refusal is told like any other. */
  readonly onUndecided: (operation: string) => void
  readonly onThrow: (thrown: unknown) => void
}

/** Decides what becomes of refused operations: by what the room was told, or by the user. */
export interface Resolver extends Pick<Room, 'retry'> {
  /** Asks who decides the room's conflicts about one. False when nobody does. */
  ask(operation: string): boolean
}

export function createResolver(parts: ResolverParts): Resolver {
  const { outbox, changes } = parts
  const { id: room, keeper, timeline } = parts.followed
  /** Conflicts that somebody was asked about in this life. */
  const asked = new Set<string>()

  /** What the message is on the server now, as far as anybody said. */
  function present({ target = '', failure }: Entry): Pick<Renewal, 'baseVersion' | 'base'> {
    const stored = keeper.window.get(target) ?? keeper.window.get(outbox.get(target)?.acked?.messageId ?? '')
    const { currentVersion, currentValue } = failure ?? {}
    if (stored && stored.version >= (currentVersion ?? 0))
      return { baseVersion: stored.version, base: stored.body }
    return {
      ...(currentVersion !== undefined && { baseVersion: currentVersion }),
      ...(currentValue !== undefined && { base: currentValue }),
    }
  }

  /** Writes a body over what the message says now. */
  function again(entry: Entry, { body, bytes }: Pick<Entry, 'body' | 'bytes'>): void {
    const said = { ...(body !== undefined && { body }), bytes, stamp: parts.tick() }
    void outbox.change([entry.id], renew({ ...said, ...present(entry) }, parts.serverNow()), 'strict')
    asked.delete(entry.id)
  }

  /** Edits of this user that wait for one that was refused. */
  const builtOn = ({ id }: Entry): readonly Entry[] =>
    outbox.operations(room).filter(({ after, state }) => after === id && state !== 'acked')

  function decide(operation: string, answer: Resolution): void {
    const entry = outbox.get(operation)
    asked.delete(operation)
    if (!entry || !isConflict(entry)) return
    if (answer === undefined) return parts.onUndecided(operation)
    const why = 'A conflict was decided without it.'
    if (answer === 'discard') {
      void changes.drop([entry, ...builtOn(entry)], discard, why)
      return
    }
    const taken = takeBody(answer.edit)
    // None of them left: they waited for this one.
    void changes.drop(builtOn(entry), discard, why)
    again(entry, taken)
  }

  function fail(operation: string, thrown: unknown): void {
    parts.onThrow(thrown)
    parts.onUndecided(operation)
  }

  function ask(operation: string): boolean {
    const entry = outbox.get(operation)
    const onConflict = parts.onConflict()
    if (!onConflict || !entry || !isConflict(entry)) return false
    if (asked.has(operation)) return true
    asked.add(operation)
    const message = timeline.find(entry.target ?? '') ?? null
    const shown = message?.error?.operation === operation ? message.error : errorOf(entry)
    const { yours, current, base } = shown?.edit ?? { yours: null, current: null, base: null }
    try {
      const answer = onConflict({ room, message, yours, current, base })
      if (isThenable(answer))
        answer
          .then((later) => decide(operation, later))
          .then(undefined, (thrown: unknown) => fail(operation, thrown))
      else decide(operation, answer)
    } catch (thrown) {
      fail(operation, thrown)
    }
    return true
  }

  return {
    ask,
    retry(reference) {
      const entries = changes.operationsOn(
        reference,
        ({ state }) => state === 'failed' || state === 'unknown',
      )
      for (const entry of entries) {
        if (isConflict(entry)) again(entry, entry)
        else void outbox.change([entry.id], requeue(parts.serverNow()))
      }
      return entries.length > 0
    },
  }
}
