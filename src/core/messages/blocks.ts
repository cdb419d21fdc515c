import type { LogEntry } from '../../protocol/index.js'
import type { Change } from '../seams/storage.js'
import { applyEntry } from './apply.js'
import type { Span } from './ranges.js'
import { blockOf, keys } from './record.js'
import { type Row, rowOf, sizeOf, writeBlock } from './rows.js'

/** Rows of a room by the number of their block, each in seq order. */
export type Blocks = ReadonlyMap<number, readonly Row[]>

/** Where the message is that an entry brings or changes. A reply names its parent as target, too, and leaves it alone. */
const touchedSeq = ({ kind, seq, target }: LogEntry): number =>
  kind === 'create' || kind === 'system' ? seq : (target?.seq ?? seq)

/** The blocks that entries are about. */
export function blocksOf(entries: readonly LogEntry[]): readonly number[] {
  const numbers = new Set<number>()
  for (const entry of entries) numbers.add(blockOf(touchedSeq(entry)))
  return [...numbers]
}

/** Index of the first row that is not before a seq: nearly always near the end. */
function placeOf(rows: readonly Row[], seq: number): number {
  let place = rows.length
  for (let before = rows[place - 1]; before && before.message.seq >= seq; before = rows[place - 1]) place--
  return place
}

/** Blocks that are not as they were, and by how many characters of JSON they grew. */
export interface Filled {
  readonly blocks: Blocks
  readonly grown: number
}

/** Brings entries into their blocks. `spans`: what the room holds then. */
export function fillBlocks(blocks: Blocks, entries: readonly LogEntry[], spans: readonly Span[]): Filled {
  const filled = new Map<number, Row[]>()
  let grown = 0
  for (const entry of entries) {
    applyEntry(entry, {
      spans,
      find(messageId, seq) {
        const rows = filled.get(blockOf(seq)) ?? blocks.get(blockOf(seq)) ?? []
        const found = rows[placeOf(rows, seq)]?.message
        return found?.messageId === messageId ? found : undefined
      },
      put(message) {
        const number = blockOf(message.seq)
        const rows = filled.get(number) ?? [...(blocks.get(number) ?? [])]
        const place = placeOf(rows, message.seq)
        const held = rows.slice(place, place + 1).filter((row) => row.message.seq === message.seq)
        const row = rowOf(message)
        rows.splice(place, held.length, row)
        grown += row.text.length - sizeOf(held)
        filled.set(number, rows)
      },
    })
  }
  return { blocks: filled, grown }
}

/** What writes blocks of a room. */
export const putsOf = (room: string, blocks: Blocks): readonly Change[] =>
  [...blocks].map(([number, rows]) => ({ put: keys.block(room, number), value: writeBlock(rows) }))
