import { WIRE } from '../protocol/index.js'
import type { Change, EditOptions, Room } from './api.js'
import { type Draft, takeBody } from './composer.js'
import { TidingsError } from './errors.js'
import type { FollowedRoom } from './followed-room.js'
import { LIMITS } from './limits.js'
import type { Message } from './message.js'
import { type Entry, isUnsent } from './messages/entry.js'
import type { Outbox } from './messages/outbox.js'
import { errorOf } from './messages/shown.js'
import { withoutPrefix } from './messages/temporary-id.js'
import {
  detach,
  discard,
  type MayChange,
  rewrite,
  supersede,
  type Transition,
  withdraw,
} from './messages/transitions.js'
import type { Verdicts } from './verdicts.js'

export interface ChangesParts {
  readonly user: string
  readonly followed: Pick<FollowedRoom, 'id' | 'keeper' | 'timeline'>
  readonly outbox: Outbox
  readonly verdicts: Verdicts
  readonly add: (draft: Draft) => Entry
  /** A stamp for what is said now. */
  readonly tick: () => string
  /** Whether an entry waits in this tab, claimed and never sent. */
  readonly holds: (entry: Entry) => boolean
  /** Whether edits expect the version that their author saw, unless they say otherwise. */
  readonly expects: () => boolean
}

/** What a user does to messages that exist. What nobody has seen yet is said otherwise or taken back; all else is an operation of its own. */
export interface Changes extends Pick<Room, 'remove' | 'react' | 'unreact' | 'discard'> {
  edit(message: string, body: unknown, options?: EditOptions): Change
  /** Resolves when an operation of this room is confirmed. */
  confirmed(operation: string): Promise<void>
  /** How the server will know a message: by its own id, or by the operation that is on its way. */
  wireName(message: Message): string
  /** Own operations that concern a message, or made it, and satisfy a condition. */
  operationsOn(reference: string, condition: (entry: Entry) => boolean): readonly Entry[]
  /** Gives operations up, and tells who waits for them. */
  drop(entries: readonly Entry[], transition: Transition, message: string): Promise<void>
}

const DISCARDED = 'The message was discarded.'
const REPLACED = 'A later change of yours took its place.'

export function createChanges(parts: ChangesParts): Changes {
  const { outbox, verdicts } = parts
  const { id: room, timeline, keeper } = parts.followed

  /** What is not in the log, or not any more, is known to the server by its operation. */
  const wireName = ({ seq, key, id }: Message): string => (seq === null ? key : id)

  const missing = (message: string): TidingsError => new TidingsError('not_found', message, { room })

  const found = (reference: string): Message => {
    const message = timeline.find(reference)
    if (message) return message
    throw missing('There is no such message in what is loaded of the room.')
  }

  const standing = (reference: string): Message => {
    const message = found(reference)
    if (!message.deleted) return message
    throw missing('The message was deleted. Nothing was sent.')
  }

  /** Own operations of the room on a message, its create left out. */
  const changesOf = (message: Message): readonly Entry[] =>
    outbox
      .operations(room)
      .filter(({ target, state }) => state !== 'acked' && (target === message.key || target === message.id))

  function confirmed(operation: string): Promise<void> {
    const entry = outbox.get(operation)
    if (entry?.state === 'acked') return Promise.resolve()
    const error = entry && errorOf(entry)
    if (error) return Promise.reject(error)
    if (!entry) return Promise.reject(new TidingsError('discarded', DISCARDED, { room }))
    return verdicts.await(operation)
  }

  const told = ({ id }: Entry): Change => ({
    queued: () => outbox.queued(id),
    confirmed: () => confirmed(id),
  })

  /** Only an invalid body may throw; the rest is told to who asks. */
  const attempt = (make: () => Change): Change => {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof TidingsError) || error.code !== 'not_found') throw error
      return { queued: () => Promise.reject(error), confirmed: () => Promise.reject(error) }
    }
  }

  /** As things stand now. The disk, which other tabs share, is asked again: it knows when another one has taken an entry. */
  function stillOwn(entries: readonly Entry[]): MayChange {
    const held = new Map(entries.filter(parts.holds).map((entry) => [entry.id, entry.claim?.by]))
    return (entry) =>
      isUnsent(entry) ||
      (held.has(entry.id) &&
        entry.state === 'queued' &&
        entry.attempts === 1 &&
        entry.claim?.by === held.get(entry.id))
  }

  async function drop(entries: readonly Entry[], transition: Transition, message: string): Promise<void> {
    const ids = entries.map((entry) => entry.id)
    if (ids.length === 0) return
    const written = outbox.change(ids, transition, 'strict')
    for (const id of ids)
      if (!outbox.get(id)) verdicts.refuse(id, new TidingsError('discarded', message, { room }))
    await written
  }

  /** Changes what nobody has seen. Should another tab have taken it to the wire in the same moment, `otherwise` is what remains to be sent. */
  function unseen(id: string, transition: Transition, otherwise: () => Entry): Change {
    let missed = false
    let late: Entry | undefined
    // The last to run it is the disk, which all tabs share.
    const noted: Transition = (entry) => {
      const next = transition(entry)
      missed = next === entry
      return next
    }
    const written = outbox.change([id], noted, 'strict').then(() => {
      if (missed) late = otherwise()
    })
    const stays = outbox.get(id) !== undefined
    return {
      queued: () => written.then(() => (late ? outbox.queued(late.id) : undefined)),
      async confirmed() {
        await (stays ? confirmed(id) : written)
        if (late) await confirmed(late.id)
      },
    }
  }

  /** What an edit builds on, where it must not overwrite. */
  function basis(message: Message, expect: EditOptions['expectVersion'], before: Entry | undefined): Basis {
    const wanted = expect ?? (parts.expects() ? true : undefined)
    if (wanted === undefined) return {}
    const settled = keeper.window.get(message.id)?.version ?? 1
    // What lies between the server's version and the one that is shown is this user's own.
    const isShown = wanted === true || wanted === message.version || (before && wanted >= settled)
    if (!isShown) return { baseVersion: wanted }
    return {
      baseVersion: message.version,
      ...(message.body !== null && { base: message.body }),
      ...(before && { after: before.id }),
    }
  }

  /** The basis of an edit that was not sent stays that of its first words, which is what its author saw. */
  function basisOfRewritten(message: Message, expect: EditOptions['expectVersion'], entry: Entry): Basis {
    if (basis(message, expect, undefined).baseVersion === undefined) return {}
    const { base, after, baseVersion = message.version - 1 } = entry
    return { baseVersion, ...(base !== undefined && { base }), ...(after !== undefined && { after }) }
  }

  const editsOf = (message: Message): readonly Entry[] =>
    changesOf(message).filter(({ kind }) => kind === 'edit')

  function edit(reference: string, given: unknown, { expectVersion }: EditOptions = {}): Change {
    standing(reference)
    const { body, bytes } = takeBody(given)
    const refused = editsOf(found(reference))
    if (refused.some(({ state }) => state === 'failed'))
      void drop(refused, supersede(stillOwn(refused)), REPLACED)
    const message = found(reference)
    const last = editsOf(message).at(-1)
    const create = outbox.get(message.key)
    const anew = (): Entry =>
      parts.add({
        ...{ kind: 'edit', target: wireName(message), body, bytes },
        ...basis(message, expectVersion, last),
      })
    const mayChange = stillOwn([last, create].filter((entry) => entry !== undefined))
    const fits = (old: Entry): boolean =>
      mayChange(old) && outbox.status.get().bytes + bytes - old.bytes <= LIMITS.outboxBytes
    if (last && fits(last)) {
      const said = { body, bytes, stamp: parts.tick(), ...basisOfRewritten(message, expectVersion, last) }
      const say = ({ baseVersion: _version, base: _base, after: _after, ...rest }: Entry): Entry => ({
        ...{ ...rest, ...said },
      })
      return unseen(last.id, rewrite(mayChange, say), anew)
    }
    if (last || !create || !fits(create)) return told(anew())
    return unseen(
      create.id,
      rewrite(mayChange, (entry) => ({ ...entry, body, bytes })),
      anew,
    )
  }

  const operationsOn: Changes['operationsOn'] = (reference, condition) => {
    const message = timeline.find(reference)
    // What is not loaded is known by the name that its operations were given.
    const names = message ? [message.key, message.id] : [withoutPrefix(reference)]
    return outbox
      .lane(room)
      .filter((entry) => (names.includes(entry.id) || names.includes(entry.target ?? '')) && condition(entry))
  }

  /** Gives up what was not confirmed of a message. What answers it stands for itself then. */
  function giveUp(reference: string): Promise<void> | undefined {
    const concerned = operationsOn(reference, ({ state }) => state !== 'acked')
    // Where the message was refused nothing that names it can have arrived, whichever tab has claimed it.
    const isRefused = concerned.some(({ kind, state }) => kind === 'create' && state === 'failed')
    const still = (of: readonly Entry[]): MayChange => (isRefused ? isOpen : stillOwn(of))
    const mayChange = still(concerned)
    // Nothing of these can be on its way: they were never sent, or were answered, or nobody knows.
    const entries = concerned.filter((entry) => mayChange(entry) || isIdle(entry))
    if (entries.length === 0) return undefined
    const given = entries.find(({ kind, state }) => kind === 'create' && state !== 'unknown')
    const answers = outbox.lane(room).filter(({ replyTo }) => given !== undefined && replyTo === given.id)
    void drop(answers, detach(still(answers)), DISCARDED)
    return drop(entries, discard, DISCARDED)
  }

  function remove(reference: string): Change {
    const message = found(reference)
    const changes = changesOf(message)
    const pending = changes.find(({ kind, state }) => kind === 'delete' && state !== 'failed')
    if (message.deleted) return pending ? told(pending) : onDisk(Promise.resolve())
    const create = outbox.get(message.key)
    if (create?.state === 'failed') return onDisk(giveUp(reference) ?? Promise.resolve())
    void drop(changes, supersede(stillOwn(changes)), REPLACED)
    const anew = (): Entry => parts.add({ kind: 'delete', target: wireName(message) })
    const isAnswered = outbox.lane(room).some(({ replyTo }) => replyTo === message.key)
    const mayChange = stillOwn(create ? [create] : [])
    if (!create || !mayChange(create) || isAnswered) return told(anew())
    const change = unseen(create.id, withdraw(mayChange), anew)
    const why = 'The message was removed before it was sent.'
    verdicts.refuse(create.id, new TidingsError('discarded', why, { room }))
    return change
  }

  /** A reaction is a set: what is as it should be needs no operation, and what nobody has seen is taken back. */
  function toggle(kind: 'react' | 'unreact', reference: string, emoji: string): Change {
    const message = standing(reference)
    const taken = takeReaction(emoji)
    const isSame = (entry: Entry): boolean =>
      (entry.kind === 'react' || entry.kind === 'unreact') && entry.body === emoji
    const anew = (): Entry => parts.add({ kind, target: wireName(message), ...taken })
    const failed = changesOf(message).filter((entry) => isSame(entry) && entry.state === 'failed')
    void drop(failed, supersede(isUnsent), REPLACED)
    const last = changesOf(message).filter(isSame).at(-1)
    if (last?.kind === kind) return told(last)
    const mayChange = stillOwn(last ? [last] : [])
    const takenBack = last && mayChange(last) ? unseen(last.id, withdraw(mayChange), anew) : undefined
    if (last && takenBack) verdicts.refuse(last.id, new TidingsError('discarded', REPLACED, { room }))
    const users = found(reference).reactions.find((reaction) => reaction.emoji === emoji)?.users ?? []
    if (users.includes(parts.user) !== (kind === 'react')) return told(anew())
    return takenBack ?? onDisk(Promise.resolve())
  }

  return {
    edit: (reference, body, options) => attempt(() => edit(reference, body, options)),
    remove: (reference) => attempt(() => remove(reference)),
    react: (reference, emoji) => attempt(() => toggle('react', reference, emoji)),
    unreact: (reference, emoji) => attempt(() => toggle('unreact', reference, emoji)),
    discard(reference) {
      const given = giveUp(reference)
      return given !== undefined
    },
    ...{ confirmed, wireName, operationsOn, drop },
  }
}

type Basis = Pick<Entry, 'baseVersion' | 'base' | 'after'>

/** There is nothing to be sent: it is done when the disk has it. */
const onDisk = (written: Promise<void>): Change => ({ queued: () => written, confirmed: () => written })

const isOpen: MayChange = ({ state }) => state !== 'acked'

const isIdle = (entry: Entry): boolean => entry.attempts === 0 || entry.state !== 'queued'

function takeReaction(emoji: unknown): ReturnType<typeof takeBody> {
  if (typeof emoji === 'string' && emoji.length > 0 && emoji.length <= WIRE.reactionChars)
    return takeBody(emoji)
  const message = `A reaction is a text of 1 to ${WIRE.reactionChars} characters. Nothing was sent.`
  throw new TidingsError('invalid_body', message)
}
