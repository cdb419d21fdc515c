import { formatStamp, STAMP_PATTERN } from 'tidings/protocol'
import type { Done, Operation, Outcome } from '../core/seams.js'
import { messageIdOf } from '../log/digest.js'
import { REFUSALS, refusal } from '../log/refusal.js'
import type { Link } from './link.js'
import type { Recall, Recalled } from './recall.js'
import { FIELD, PARTING, type Told, toldIn } from './record.js'

export interface CommitOptions {
  readonly link: Pick<Link, 'call'>
  /** Where there is an archive. */
  readonly recall: Pick<Recall, 'recall'> | undefined
  /** Names this node on the channels. */
  readonly node: string
  /** Server time; Redis's own without it, which is the same for all nodes. */
  readonly now: (() => number) | undefined
  /** Entries that a room keeps; 0 keeps all. */
  readonly keep: (room: string) => number
  /** How long ids of entries that are gone are remembered at least, ms. */
  readonly forgetMs: number
  /** Tells what was committed. Resolves when it was told. */
  readonly tell: (room: string, told: readonly Told[]) => void | Promise<void>
  /** There is something in the room that the archive does not have, and nobody was told yet. */
  readonly due: (room: string) => void
  /** Groups of workers that have to see every entry of the room. */
  readonly wantedBy: (room: string) => readonly string[]
  /** There is something in the room for these groups, and nobody was told yet. */
  readonly dueFor: (room: string, groups: readonly string[]) => void
}

/** An operation as the library takes it. */
type Words = readonly string[]

interface Append {
  readonly operations: readonly Words[]
  readonly resolve: (outcomes: readonly Outcome[]) => void
  readonly reject: (cause: unknown) => void
}

/** Operations that share a call at most: Redis does nothing else meanwhile. */
const OPERATIONS_PER_CALL = 200
/** How often the archive is asked for one call: more only where a whole tail of entries goes by meanwhile. */
const RECALLS = 5
/** Long past: gets a fresh one. */
const NO_STAMP = formatStamp(0, 0, '-----------')

const isSafe = ({ author, id, replyTo = '', messageId = '' }: Operation): boolean =>
  ![author, id, replyTo, messageId].some((name) => PARTING.some((sign) => name.includes(sign)))

/** A reaction is compared as text, so it has to be written in one way. */
const bodyOf = ({ kind, body = '' }: Operation): string =>
  kind === 'react' || kind === 'unreact' ? JSON.stringify(JSON.parse(body)) : body

function wordsOf(operation: Operation): Words {
  const { room, author, id, kind, stamp, replyTo, messageId, baseVersion, moderates } = operation
  const reference = (kind === 'create' || kind === 'system' ? replyTo : messageId) ?? ''
  return [
    ...[messageIdOf(room, author, id), author, id, kind, STAMP_PATTERN.test(stamp) ? stamp : NO_STAMP],
    ...[bodyOf(operation), reference, reference === '' ? '' : messageIdOf(room, author, reference)],
    ...[baseVersion === undefined ? '' : String(baseVersion), moderates ? '1' : '', JSON.stringify(author)],
  ]
}

const isRefusal = (code: string): code is keyof typeof REFUSALS => Object.hasOwn(REFUSALS, code)

function outcomeOf(text: string): Outcome {
  const [code = '', ...fields] = text.split(FIELD)
  if (code === 'done') {
    const [messageId = '', seq, stamp = '', ts, version, dup, applied] = fields
    return {
      done: true,
      messageId,
      ...(seq && { seq: Number(seq) }),
      stamp,
      ts: Number(ts),
      ...(version && { version: Number(version) }),
      dup: dup === '1',
      applied: applied === '1',
    } satisfies Done
  }
  if (!isRefusal(code)) throw new Error('Redis answered something else.')
  const [version, value] = fields
  return {
    ...refusal(code),
    ...(version && { currentVersion: Number(version) }),
    ...(value && { currentValue: value }),
  }
}

/** Writes to rooms: one call a room at a time, with all that came meanwhile, so that a busy room makes calls larger and not more. */
export function createCommits(options: CommitOptions) {
  const { link, recall, node, now, keep, forgetMs, tell, due, wantedBy, dueFor } = options
  const queues = new Map<string, Append[]>()

  /** Calls again with what the archive has, for as long as something is wanted from there. */
  const call = async (
    room: string,
    operations: readonly Words[],
    { seen, texts }: Recalled,
    left: number,
  ): Promise<readonly string[]> => {
    const settings = [
      now ? String(now()) : '',
      String(keep(room)),
      String(forgetMs),
      node,
      wantedBy(room).join(FIELD),
    ]
    const known = [seen, String(texts.length), ...texts]
    const [first, head = '', ...names] = await link.call(
      'append',
      room,
      ...settings,
      ...known,
      ...operations.flat(),
    )
    if (first !== 'recall' || !recall) return [first ?? '', head, ...names]
    if (left === 0) throw new Error('The room changes faster than the archive answers.')
    return call(room, operations, await recall.recall(room, head, names), left - 1)
  }
  const commit = async (room: string, operations: readonly Words[]): Promise<readonly Outcome[]> => {
    const texts = await call(room, operations, { seen: recall ? '' : '-', texts: [] }, RECALLS)
    const [committed, isDue, groups] = texts.slice(operations.length)
    if (isDue) due(room)
    if (groups) dueFor(room, groups.split(FIELD))
    if (committed) await tell(room, toldIn(room, committed))
    return texts.slice(0, operations.length).map(outcomeOf)
  }
  const take = (queue: Append[]): readonly Append[] => {
    let operations = 0
    const fits = queue.findIndex((append, i) => {
      operations += append.operations.length
      return i > 0 && operations > OPERATIONS_PER_CALL
    })
    return queue.splice(0, fits === -1 ? queue.length : fits)
  }
  const run = async (room: string, queue: Append[]) => {
    while (queue.length > 0) {
      const appends = take(queue)
      try {
        const outcomes = await commit(
          room,
          appends.flatMap(({ operations }) => operations),
        )
        let from = 0
        for (const { operations, resolve } of appends) {
          resolve(outcomes.slice(from, from + operations.length))
          from += operations.length
        }
      } catch (cause) {
        for (const { reject } of appends) reject(cause)
      }
    }
    queues.delete(room)
  }
  const appendTo = (room: string, operations: readonly Words[]): Promise<readonly Outcome[]> =>
    new Promise((resolve, reject) => {
      const append = { operations, resolve, reject }
      const queue = queues.get(room)
      if (queue) {
        queue.push(append)
        return
      }
      const made = [append]
      queues.set(room, made)
      run(room, made).catch(reject)
    })

  return async (operations: readonly Operation[]): Promise<readonly Outcome[]> => {
    if (!operations.every(isSafe)) throw new Error('A name holds a control character.')
    const words = operations.map(wordsOf)
    const byRoom = new Map<string, number[]>()
    for (const [i, { room }] of operations.entries()) {
      const places = byRoom.get(room)
      if (places) places.push(i)
      else byRoom.set(room, [i])
    }
    if (byRoom.size === 1) return appendTo(operations[0]?.room ?? '', words)
    const outcomes: Outcome[] = []
    await Promise.all(
      [...byRoom].map(async ([room, places]) => {
        const answers = await appendTo(
          room,
          places.map((i) => words[i] ?? []),
        )
        for (const [n, i] of places.entries()) {
          const answer = answers[n]
          if (answer) outcomes[i] = answer
        }
      }),
    )
    return outcomes
  }
}
