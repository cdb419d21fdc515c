import { compareText } from 'tidings/protocol'
import type { Line } from './conversation.js'

/** What a client meant to say: recorded when `send` returned, and owed from then on. */
export interface Intent {
  readonly author: string
  /** The operation's id. */
  readonly id: string
  readonly line: Line
}

/** One row of the server's file. */
export interface Row {
  readonly room: string
  readonly seq: number
  readonly messageId: string
  readonly author: string
  readonly id: string
  readonly kind: string
  readonly stamp: string
  /** JSON. */
  readonly body: string | null
  /** The message answered. */
  readonly targetId: string | null
}

/** What one client showed of a room: message ids from top to bottom. */
export type View = readonly string[]

/** Everything that is known about one room. */
export interface RoomEvidence {
  readonly lines: readonly Line[]
  readonly intents: readonly Intent[]
  /** Where in the log servers said that they have an operation, by its id. */
  readonly acknowledged: ReadonlyMap<string, number>
  readonly rows: readonly Row[]
  readonly views: readonly View[]
}

/** Four numbers that have to be 0. */
export interface Verdict {
  /** Lines that nobody sent, intents that are not in the file as they were meant or where a server said, rows that a client did not show. */
  readonly lost: number
  /** Rows and items that are one too many. */
  readonly duplicated: number
  /** Neighbours on a screen that the file orders otherwise, and messages of a sender that stand before their predecessor. */
  readonly disordered: number
  /** Replies that stand before their parent, or do not name it. */
  readonly causalityBroken: number
}

/** What a line becomes on the wire. */
export const bodyOf = ({ n, sender, text, at }: Line) => ({ n, sender, text, at })

const keyOf = (author: string, id: string): string => JSON.stringify([author, id])

const textOf = (line: Line): string => JSON.stringify(bodyOf(line))

function readBody(body: string | null): { readonly n: number | undefined; readonly text: string } {
  const value: unknown = JSON.parse(body ?? 'null')
  const get = (key: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  const n = get('n')
  return {
    n: typeof n === 'number' ? n : undefined,
    text: JSON.stringify({ n, sender: get('sender'), text: get('text'), at: get('at') }),
  }
}

/** Rows in display order, (stamp, messageId) by code units, with the line each one holds. */
function inOrder(rows: readonly Row[], lines: ReadonlyMap<number, Line>) {
  return [...rows]
    .sort((a, b) => compareText(a.stamp, b.stamp) || compareText(a.messageId, b.messageId))
    .map((row, rank) => {
      const { n, text } = readBody(row.body)
      return { row, rank, text, line: n === undefined ? undefined : lines.get(n) }
    })
}
type Ranked = ReturnType<typeof inOrder>

function judgeFile({ lines, intents, acknowledged }: RoomEvidence, ranked: Ranked): Verdict {
  const byOperation = new Map(ranked.map((each) => [keyOf(each.row.author, each.row.id), each]))
  const meant = new Set(intents.map(({ line }) => line.n))
  const unsent = lines.filter(({ n }) => !meant.has(n)).length
  const missing = intents.filter(({ author, id, line }) => {
    const found = byOperation.get(keyOf(author, id))
    if (!found || found.text !== textOf(line) || found.row.kind !== 'create') return true
    return (acknowledged.get(id) ?? found.row.seq) !== found.row.seq
  }).length
  const first = new Map<number, Ranked[number]>()
  const lastOf = new Map<string, number>()
  let [duplicated, disordered, causalityBroken] = [0, 0, 0]
  for (const each of ranked) {
    const { line } = each
    if (!line || first.has(line.n)) {
      duplicated += 1
      continue
    }
    first.set(line.n, each)
    if (line.n < (lastOf.get(line.sender) ?? -1)) disordered += 1
    lastOf.set(line.sender, line.n)
  }
  for (const { rank, row, line } of first.values()) {
    const parent = line?.replyTo === undefined ? undefined : first.get(line.replyTo)
    if (parent && (parent.rank > rank || parent.row.messageId !== row.targetId)) causalityBroken += 1
  }
  return { lost: unsent + missing, duplicated, disordered, causalityBroken }
}

function judgeView(view: View, ranks: ReadonlyMap<string, number>): Verdict {
  const shown = new Set<string>()
  let [duplicated, disordered] = [0, 0]
  let above = -1
  for (const id of view) {
    const rank = ranks.get(id)
    if (rank === undefined || shown.has(id)) {
      duplicated += 1
      continue
    }
    shown.add(id)
    if (rank < above) disordered += 1
    above = rank
  }
  return { lost: ranks.size - shown.size, duplicated, disordered, causalityBroken: 0 }
}

const add = (a: Verdict, b: Verdict): Verdict => ({
  lost: a.lost + b.lost,
  duplicated: a.duplicated + b.duplicated,
  disordered: a.disordered + b.disordered,
  causalityBroken: a.causalityBroken + b.causalityBroken,
})

/** Judges one room by what was meant, what the file holds and what the clients showed. */
export function judge(evidence: RoomEvidence): Verdict {
  const ranked = inOrder(evidence.rows, new Map(evidence.lines.map((line) => [line.n, line])))
  const ranks = new Map(ranked.map(({ row, rank }) => [row.messageId, rank]))
  return evidence.views.map((view) => judgeView(view, ranks)).reduce(add, judgeFile(evidence, ranked))
}

/** The verdict over all rooms. */
export const judgeAll = (rooms: Iterable<RoomEvidence>): Verdict => {
  let total: Verdict = { lost: 0, duplicated: 0, disordered: 0, causalityBroken: 0 }
  for (const room of rooms) total = add(total, judge(room))
  return total
}
