import type { Committed, Log, PageRequest, Place, Standing, StandingRequest } from '../core/seams.js'
import { type Position, parseCursor } from '../log/cursor.js'
import { messageIdOf } from '../log/digest.js'
import { readAround, readPage, readSince, standingOf } from '../log/pages.js'
import type { Link } from './link.js'
import type { Recall } from './recall.js'
import { FIELD, type Told, toldOf } from './record.js'
import { type Window, windowOf } from './window.js'

/** Reading rooms: Redis gathers rows, and the rules of all logs make pages of them; where Redis ends, of those of the archive. */
export function createReads(recall: Recall): Pick<Log, 'page' | 'since' | 'around' | 'locate'> {
  const { read, complete } = recall
  const positionsOf = (cursors: readonly string[]): string[] =>
    cursors.flatMap((cursor) => {
      const position = parseCursor(cursor)
      return position ? [String(position.seq), position.mark] : []
    })
  const pageWords = ({ dir, cursor, limit, checkpoints }: PageRequest): string[] => {
    const named = checkpoints ?? (cursor === undefined ? [] : [cursor])
    return [dir, String(limit), checkpoints ? 'checkpoints' : 'cursor', ...positionsOf(named)]
  }
  const placeWords = (room: string, place: Place): string[] => {
    if ('seq' in place) return ['seq', String(place.seq)]
    if ('ts' in place) return ['ts', String(place.ts)]
    return ['message', place.messageId, messageIdOf(room, place.author, place.messageId)]
  }
  const locate = async ({ room, cursor, reader }: StandingRequest): Promise<Standing> => {
    const position = cursor === undefined ? undefined : parseCursor(cursor)
    const [end = '', reading = '', ...rows] = await read(
      ...(['standing', room, reader ?? '', position ? String(position.seq) : ''] as const),
    )
    const window = windowOf(room, [end, ...rows])
    const standing = await complete(room, window, () => standingOf(window, room, cursor))
    if (reader === undefined) return standing
    const [mark, unread] = reading.split(FIELD).map(Number)
    return { ...standing, mark: mark ?? 0, unread: unread ?? 0 }
  }
  return {
    locate: (requests) => Promise.all(requests.map(locate)),
    async page(request) {
      const { room } = request
      const window = windowOf(room, await read('page', room, ...pageWords(request)))
      return complete(room, window, () => readPage(window, request))
    },
    async since(room, since, limit) {
      const window = windowOf(room, await read('since', room, String(since), String(limit)))
      return complete(room, window, () => readSince(window, room, since, limit))
    },
    async around(room, place, limit) {
      const window = windowOf(room, await read('around', room, String(limit), ...placeWords(room, place)))
      return complete(room, window, () => readAround(window, room, place, limit))
    },
  }
}

/** The end of a room's log, and the row at a position. */
export async function look({ read, complete }: Recall, room: string, seq: number): Promise<Window> {
  const window = windowOf(room, await read('rows', room, String(seq)))
  return complete(room, window, () => {
    window.markAt(room, seq)
    return window
  })
}

/** Whether a row is still what was told when it was committed. */
const isAsCommitted = ({ kind, rev, body, seq }: Committed & { readonly rev: number | null }): boolean =>
  (rev === null || rev === seq) && (kind !== 'edit' || body !== undefined)

/**
 * The newest entries after a position, at most so many, as far as they are what they were when they were committed. What has changed since
 * is left out: the change itself stands further behind.
 */
export async function readMissed(
  { call }: Pick<Link, 'call'>,
  room: string,
  after: Position,
  limit: number,
): Promise<readonly Told[]> {
  const { extent } = windowOf(room, await call('rows', room))
  const from = Math.max(after.seq, extent.first - 1, extent.head - limit) + 1
  const seqs = Array.from({ length: Math.max(0, extent.head - from + 2) }, (_, i) => String(from - 1 + i))
  const window = windowOf(room, await call('rows', room, ...seqs))
  const told: Told[] = []
  for (let seq = from; seq <= extent.head; seq++) {
    const row = window.at(room, seq)
    const before = window.markAt(room, seq - 1)
    if (!row || before === undefined) continue
    const entry = toldOf(row, before)
    if (isAsCommitted({ ...entry.committed, rev: row.rev })) told.push(entry)
  }
  return told
}
