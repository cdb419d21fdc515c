import type { Gap, Message, TimelineItem } from 'tidings'
import { isSameDay } from './time.js'

/** What the timeline draws, one after the other. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  /** What comes below was new when the reader came. */
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'gap'; readonly key: string; readonly gap: Gap }
  | { readonly kind: 'unreadable'; readonly key: string }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly message: Message
      /** Whether it begins and whether it ends what its author said in one go. */
      readonly first: boolean
      readonly last: boolean
      /** Whether it ends a run of late messages: when they came is said once, below the last of them. */
      readonly endsLate: boolean
    }

/** Messages of one author stand together while no longer pause than this lies between them. */
const PAUSE_MS = 3 * 60_000

const belongTogether = (a: TimelineItem | undefined, b: TimelineItem | undefined): boolean =>
  a?.type === 'message' &&
  b?.type === 'message' &&
  a.from === b.from &&
  b.sentAt - a.sentAt < PAUSE_MS &&
  isSameDay(a.sentAt, b.sentAt)

/**
 * Lays out the items of a timeline: a separator wherever a day begins and above the first unread message, messages of one author in
 * groups.
 */
export const rowsOf = (items: readonly TimelineItem[], firstUnread: string | null = null): readonly Row[] => {
  const rows: Row[] = []
  let day: number | null = null
  items.forEach((item, index) => {
    if (item.type === 'gap') rows.push({ kind: 'gap', key: item.key, gap: item })
    if (item.type === 'unreadable') rows.push({ kind: 'unreadable', key: item.key })
    if (item.type !== 'message') return
    if (day === null || !isSameDay(day, item.sentAt))
      rows.push({ kind: 'day', key: `day ${item.key}`, at: item.sentAt })
    day = item.sentAt
    const isUnread = item.key === firstUnread
    if (isUnread) rows.push({ kind: 'unread', key: 'unread' })
    const first = isUnread || !belongTogether(items[index - 1], item)
    const next = items[index + 1]
    const last = next?.key === firstUnread || !belongTogether(item, next)
    const endsLate = item.late && (last || next?.type !== 'message' || !next.late)
    rows.push({ kind: 'message', key: item.key, message: item, first, last, endsLate })
  })
  return rows
}
