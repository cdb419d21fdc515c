import type { Archive, Archived } from '../archive/seam.js'
import { isMessage } from '../core/entry-text.js'
import type { Clock } from '../core/seams.js'
import type { Row } from '../log/store.js'
import { keyOf, type Link, roomOf } from './link.js'
import { type Extent, extentOf, FIELD, rowOf } from './record.js'
import type { Tasks } from './tasks.js'

export interface ArchivistOptions {
  readonly link: Pick<Link, 'call' | 'command'>
  readonly tasks: Tasks
  readonly archive: Archive
  readonly clock: Pick<Clock, 'after'>
  readonly prefix: string
  /** As of the commits: it is this that lets Redis let go of entries. */
  readonly keep: number
  readonly forgetMs: number
  readonly now: (() => number) | undefined
  /** Told why something could not be archived now. It is tried again. */
  readonly archiveFailed?: (cause: Error) => void
}

/** Moves rooms into the archive, together with those of the other nodes. */
export interface Archivist {
  /** There is something in the room that the archive does not have. */
  due(room: string): void
  /** Moves all that is to be moved and that no other node has taken. Rejects when it cannot now. */
  run(): Promise<void>
  /** Redis may have come back with less: somebody may have been told of a room, and nobody knows of it any more. */
  lookThrough(): void
  /** Resolves when nothing is being moved any more. */
  close(): Promise<void>
}

/** How often tasks are looked for. */
const LOOK_MS = 1_000
/** How often all rooms are looked through, for what a node that died has told nobody. */
const SWEEP_MS = 10 * 60_000
/** What is moved at once at most. */
const ROWS = 500
const BYTES = 1024 * 1024
/** Batches of one room until others have their turn. */
const BATCHES = 20
/** Rooms that are looked at in one go. */
const SCANNED = '500'

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
  let isClosed = false
  let isSwept = false
  let running: Promise<void> | undefined

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
        ...(['confirm', room, String(last.seq), last.mark, String(keep), String(forgetMs)] as const),
        now ? String(now()) : '',
      )
    return true
  }
  const move = async (room: string): Promise<void> => {
    for (let batch = 0; batch < BATCHES; batch++) if (!(await moveSome(room))) return
    await tasks.add(room)
  }
  const moveAll = async (): Promise<void> => {
    await sweepOnce()
    for (let taken = await tasks.take(); taken.length > 0; taken = await tasks.take())
      for (const task of taken) {
        if (isClosed) return
        await move(task.room)
        await tasks.done(task)
      }
  }

  const addIfDue = async (key: string): Promise<void> => {
    const ends = await link.command('HMGET', key, 'head', 'archived', 'first')
    const [head, archived, first] = Array.isArray(ends) ? ends : []
    const known = archived === null ? Number(first) - 1 : Number(archived)
    if (Number(head) > known) await tasks.add(roomOf(prefix, key))
  }
  /** Looks through all rooms. */
  const sweep = async (): Promise<void> => {
    let cursor = '0'
    do {
      const found = await link.command('SCAN', cursor, 'MATCH', `${keyOf(prefix, '*')}:m`, 'COUNT', SCANNED)
      const [next, keys] = Array.isArray(found) ? found : []
      await Promise.all((Array.isArray(keys) ? keys : []).map((key) => addIfDue(String(key))))
      cursor = String(next)
    } while (cursor !== '0' && !isClosed)
  }
  /** At the beginning all rooms may be due, and when Redis came back without the list of tasks. */
  const sweepOnce = async () => {
    const isNew = await tasks.prepare()
    if (isSwept && !isNew) return
    isSwept = true
    await sweep().catch((cause: unknown) => {
      isSwept = false
      throw cause
    })
  }

  const run = (): Promise<void> => {
    running ??= moveAll().finally(() => {
      running = undefined
    })
    return running
  }
  const report = (cause: unknown) => {
    if (!isClosed) archiveFailed?.(errorOf(cause))
  }
  const lookAgain = () =>
    run()
      .catch(report)
      .finally(() => {
        if (!isClosed) cancelLook = clock.after(LOOK_MS, lookAgain)
      })
  const sweepAgain = () => {
    sweep().catch(report)
    cancelSweep = clock.after(SWEEP_MS, sweepAgain)
  }
  let cancelLook = clock.after(LOOK_MS, lookAgain)
  let cancelSweep = clock.after(SWEEP_MS, sweepAgain)

  return {
    // What cannot be said now is found when all rooms are looked through.
    due: (room) => void tasks.add(room).catch(() => undefined),
    run,
    lookThrough() {
      isSwept = false
    },
    async close() {
      isClosed = true
      cancelLook()
      cancelSweep()
      await running?.catch(() => undefined)
    },
  }
}
