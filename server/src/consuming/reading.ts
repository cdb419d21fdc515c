import type { Log, Page } from '../core/seams.js'
import type { Batch, Gap, RoomEntry } from './batch.js'
import { advance, cursorsOf, seqOf } from './position.js'

/** What comes next for a group in a room, and its position once it has been handed over. */
export interface Next extends Batch {
  readonly position: string
}

const entriesOf = (room: string, { items }: Page): readonly RoomEntry[] =>
  items.map(({ text }) => ({ room, ...JSON.parse(text) }))

/** The first position of a page, or the one where its first entry will be. */
const startOf = ({ items, seq }: Page): number => items[0]?.seq ?? seq + 1

const nextOf = (
  room: string,
  page: Page,
  before: readonly string[],
  gap: Gap | undefined,
): Next | undefined => {
  if (page.items.length === 0 && !gap) return undefined
  const position = advance(before, page.cursor)
  const entries = entriesOf(room, page)
  return gap ? { room, entries, gap, position } : { room, entries, position }
}

async function pageFrom(
  log: Pick<Log, 'page'>,
  request: Omit<Parameters<Log['page']>[0], 'dir'>,
): Promise<Page> {
  const page = await log.page({ dir: 'forward', ...request })
  if ('lost' in page) throw new Error('The log does not know its own start.')
  return page
}

/** Reads what follows a position, at most so many entries. Undefined when there is nothing. */
export async function readNext(
  log: Pick<Log, 'page'>,
  room: string,
  position: string | undefined,
  limit: number,
): Promise<Next | undefined> {
  if (position === undefined) {
    const page = await pageFrom(log, { room, limit })
    const from = startOf(page)
    return nextOf(room, page, [], from > 1 ? { reason: 'trimmed', handed: 0, from } : undefined)
  }
  const cursors = cursorsOf(position)
  const [cursor = ''] = cursors
  const answer = await log.page({ room, dir: 'forward', cursor, limit })
  if (!('lost' in answer)) return nextOf(room, answer, cursors, undefined)
  const page = await pageFrom(log, { room, limit, checkpoints: cursors })
  const gap = { reason: answer.lost, handed: seqOf(cursor), from: startOf(page) }
  return nextOf(room, page, page.prev === null ? [] : cursors.slice(cursors.indexOf(page.prev)), gap)
}
