import type { Archive, Archived } from '../archive/seam.js'
import { isMessage } from '../core/entry-text.js'
import type { Clock } from '../core/seams.js'
import type { Row } from '../log/store.js'
import { keyOf, type Link } from './link.js'
import { type Extent, extentOf, FIELD, rowOf } from './record.js'
import { createRounds, type Rounds } from './rounds.js'
import type { Task, Tasks } from './tasks.js'

export interface ArchivistOptions {
  readonly link: Pick<Link, 'call' | 'command'>
  readonly tasks: Tasks
  readonly archive: Archive
  readonly clock: Pick<Clock, 'after'>
  readonly prefix: string
  /** As of the commits: it is this that lets Redis let go of entries. */
  readonly keep: (room: string) => number
  readonly forgetMs: number
  readonly now: (() => number) | undefined
  /** Told why something could not be archived now. It is tried again. */
  readonly archiveFailed?: (cause: Error) => void
}

/** Moves rooms into the archive, together with those of the other nodes: `run` moves all that no other node has taken. */
export interface Archivist extends Omit<Rounds, 'isClosed'> {
  /** There is something in the room that the archive does not have. */
  due(room: string): void
}

/** What is moved at once at most. */
const ROWS = 500
const BYTES = 1024 * 1024
/** Batches of one room until others have their turn. */
const BATCHES = 20
/** Tasks taken at once. */
const TAKEN = 16

/** What Redis has of a room beyond the archive. */
interface Copied {
  readonly extent: Extent
  /** How far Redis knows the archive to have the room, and the mark there. */
  readonly archived: number
  readonly mark: string
  readonly rows: readonly Row[]
  readonly changed: readonly Row[]
}

function copiedOf(room: string, [end = '', place = '', ...texts]: readonly string[]): Copied {
  const [archived, mark = '', count] = place.split(FIELD)
  const rows = texts.map((text) => rowOf(room, text))
  return {
    extent: extentOf(end),
    archived: Number(archived),
    mark,
    rows: rows.slice(0, Number(count)),
    changed: rows.slice(Number(count)),
  }
}

const errorOf = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)))

export function createArchivist(options: ArchivistOptions): Archivist {
  const { link, tasks, archive, clock, prefix, keep, forgetMs, now, archiveFailed } = options

  /**
   * Messages that the archive shows as entries made them which Redis does not have: either they were stored and nobody was told, or Redis
   * came back with less. As Redis has them; those that it has not are left as they are, by the last operation that there is.
   */
  const restored = async (room: string, { archived }: Copied, end: Archived): Promise<readonly Row[]> => {
    const beyond = await archive.range(room, archived + 1, end.head)
    const seqs = new Set(beyond.flatMap(({ kind, targetSeq }) => (isMessage(kind) ? [] : (targetSeq ?? []))))
    const before = [...seqs].filter((seq) => seq <= archived)
    const [, ...texts] = await link.call('rows', room, ...before.map(String))
    const kept = texts.map((text) => rowOf(room, text))
    const gone = before.filter((seq) => !kept.some((row) => row.seq === seq))
    const rows = await Promise.all(gone.map((seq) => archive.range(room, seq, seq)))
    return [...kept, ...rows.flat().map((row) => ({ ...row, rev: Math.min(row.rev ?? 0, archived) }))]
  }
  /** True while there is more. */
  const moveSome = async (room: string): Promise<boolean> => {
    // In this order: what is copied after the archive was asked is not older than what others have stored until then.
    const end = await archive.end(room)
    const copied = copiedOf(room, await link.call('copy', room, String(ROWS), String(BYTES)))
    const { extent, archived, mark, rows, changed } = copied
    const last = rows.at(-1)
    if (!last) return false
    if (!end && archived >= extent.origin)
      throw new Error('The archive is another one: it has nothing of a room that was archived before.')
    const isAhead = end !== undefined && end.head > archived
    const before = isAhead ? await restored(room, copied, end) : []
    // Of two for one message the one that was copied is the newer.
    const messages = new Map([...before, ...changed].map((row) => [row.seq, row]))
    const batch = { room, seen: end?.stored ?? 0, before: mark, rows, changed: [...messages.values()] }
    // Not stored: somebody else has, and what is to be moved is another thing now.
    if (await archive.store(batch))
      await link.call(
        ...(['confirm', room, String(last.seq), last.mark, String(keep(room)), String(forgetMs)] as const),
        now ? String(now()) : '',
      )
    return true
  }
  const move = async (room: string): Promise<void> => {
    for (let batch = 0; batch < BATCHES; batch++) if (!(await moveSome(room))) return
    await tasks.add(room)
  }
  /** All of them, also where one cannot be moved: it would be taken before the others each time. Rejects with why the first could not. */
  const moveEach = async (taken: readonly Task[]): Promise<void> => {
    const failures: unknown[] = []
    for (const task of taken) {
      if (rounds.isClosed) return
      try {
        await move(task.room)
        await tasks.done(task)
      } catch (cause) {
        failures.push(cause)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
  const moveAll = async (): Promise<void> => {
    for (let taken = await tasks.take(TAKEN); taken.length > 0; taken = await tasks.take(TAKEN)) {
      await moveEach(taken)
      if (rounds.isClosed) return
    }
  }
  const addIfDue = async (room: string): Promise<void> => {
    const ends = await link.command('HMGET', `${keyOf(prefix, room)}:m`, 'head', 'archived', 'first')
    const [head, archived, first] = Array.isArray(ends) ? ends : []
    const known = archived === null ? Number(first) - 1 : Number(archived)
    if (Number(head) > known) await tasks.add(room)
  }
  const { prepare } = tasks
  const rounds = createRounds({
    link,
    clock,
    prefix,
    prepare,
    work: moveAll,
    look: addIfDue,
    failed: (cause) => archiveFailed?.(errorOf(cause)),
  })

  return {
    // What cannot be said now is found when all rooms are looked through.
    due: (room) => void tasks.add(room).catch(() => undefined),
    run: rounds.run,
    lookThrough: rounds.lookThrough,
    close: rounds.close,
  }
}
