import { describe, expect, it } from 'vitest'
import type { Line } from '../../lab/replay/conversation.js'
import {
  bodyOf,
  type Intent,
  judge,
  judgeAll,
  type RoomEvidence,
  type Row,
} from '../../lab/replay/verdict.js'

const lines = [
  { room: 'general', n: 0, sender: 'ann', text: 'is anybody here?', at: 1 },
  { room: 'general', n: 1, sender: 'ben', text: 'yes', at: 2, replyTo: 0 },
  { room: 'general', n: 2, sender: 'ann', text: 'good', at: 3 },
  { room: 'general', n: 3, sender: 'ben', text: 'why?', at: 4, replyTo: 2 },
] as const satisfies readonly Line[]
const authorOf = (line: Line) => (line.sender === 'ann' ? 'player-1' : 'player-2')
const intentOf = (line: Line): Intent => ({ author: authorOf(line), id: `op-${line.n}`, line })
const rowOf = (line: Line): Row => ({
  room: line.room,
  seq: line.n + 1,
  messageId: `m${line.n}`,
  author: authorOf(line),
  id: `op-${line.n}`,
  kind: 'create',
  stamp: `stamp-${line.n}`,
  body: JSON.stringify(bodyOf(line)),
  targetId: line.replyTo === undefined ? null : `m${line.replyTo}`,
})

const good: RoomEvidence = {
  lines,
  intents: lines.map(intentOf),
  acknowledged: new Map(),
  rows: lines.map(rowOf),
  views: [
    ['m0', 'm1', 'm2', 'm3'],
    ['m0', 'm1', 'm2', 'm3'],
  ],
}
const clean = { lost: 0, duplicated: 0, disordered: 0, causalityBroken: 0 }
/** The rows with one of them changed. */
const rowsWith = (n: number, change: Partial<Row>) =>
  good.rows.map((row) => (row.id === `op-${n}` ? { ...row, ...change } : row))

describe('the verdict', () => {
  it('finds nothing where nothing is wrong, whatever order the rows were committed in', () => {
    expect(judge(good)).toEqual(clean)
    expect(judge({ ...good, rows: [...good.rows].reverse() })).toEqual(clean)
  })

  it('counts an intent that is not in the file as lost', () => {
    const without = { rows: good.rows.slice(0, 3), views: [['m0', 'm1', 'm2']] }
    expect(judge({ ...good, ...without })).toEqual({ ...clean, lost: 1 })
  })

  it('counts a line that nobody sent as lost', () => {
    const three = { intents: good.intents.slice(0, 3), rows: good.rows.slice(0, 3) }
    expect(judge({ ...good, ...three, views: [['m0', 'm1', 'm2']] })).toEqual({ ...clean, lost: 1 })
  })

  it('counts a row that a client does not show as lost, for each client', () => {
    const views = [['m0', 'm2', 'm3'], ['m0', 'm1', 'm2', 'm3'], []]
    expect(judge({ ...good, views })).toEqual({ ...clean, lost: 1 + 4 })
  })

  it('counts a message whose words were changed as lost', () => {
    const body = JSON.stringify(bodyOf({ ...lines[2], text: 'bad' }))
    expect(judge({ ...good, rows: rowsWith(2, { body }) })).toEqual({ ...clean, lost: 1 })
  })

  it('counts a row under the name of somebody else as lost', () => {
    expect(judge({ ...good, rows: rowsWith(0, { author: 'player-2' }) })).toEqual({ ...clean, lost: 1 })
  })

  it('counts a message that stands elsewhere than a server said when it acknowledged it as lost', () => {
    const acknowledged = new Map([
      ['op-0', 1],
      ['op-2', 7],
    ])
    expect(judge({ ...good, acknowledged })).toEqual({ ...clean, lost: 1 })
  })

  it('counts a line that stands in the file twice as duplicated', () => {
    const again: Row = { ...rowOf(lines[0]), id: 'op-0-again', messageId: 'm0-again', seq: 5 }
    const views = [['m0', 'm0-again', 'm1', 'm2', 'm3']]
    expect(judge({ ...good, rows: [...good.rows, again], views })).toEqual({ ...clean, duplicated: 1 })
  })

  it('counts a row that nobody meant as duplicated', () => {
    const stray: Row = { ...rowOf(lines[0]), id: 'op-x', messageId: 'mx', body: '{"n":99}' }
    const views = [['m0', 'mx', 'm1', 'm2', 'm3']]
    expect(judge({ ...good, rows: [...good.rows, stray], views })).toEqual({ ...clean, duplicated: 1 })
  })

  it('counts an item that a client shows twice, or that is not in the file, as duplicated', () => {
    const views = [['m0', 'm1', 'm1', 'm2', 'm3', 'tmp_op-3']]
    expect(judge({ ...good, views })).toEqual({ ...clean, duplicated: 2 })
  })

  it('counts neighbours on a screen that the file orders otherwise as disordered', () => {
    const views = [
      ['m1', 'm0', 'm2', 'm3'],
      ['m0', 'm1', 'm2', 'm3'],
    ]
    expect(judge({ ...good, views })).toEqual({ ...clean, disordered: 1 })
  })

  it('orders equal stamps by message id', () => {
    const rows = good.rows.map((row) => ({ ...row, stamp: 'same' }))
    expect(judge({ ...good, rows })).toEqual(clean)
    expect(judge({ ...good, rows, views: [['m0', 'm2', 'm1', 'm3']] })).toEqual({ ...clean, disordered: 1 })
  })

  it('counts messages of one sender that stand the wrong way round as disordered, even where all agree', () => {
    const rows = [...rowsWith(0, { stamp: 'stamp-2x' })]
    const views = [['m1', 'm2', 'm0', 'm3']]
    // ben's answer lost its place below the question as well.
    expect(judge({ ...good, rows, views })).toEqual({ ...clean, disordered: 1, causalityBroken: 1 })
  })

  it('counts a reply that stands before its parent as broken causality', () => {
    const rows = rowsWith(3, { stamp: 'stamp-1x' })
    expect(judge({ ...good, rows, views: [['m0', 'm1', 'm3', 'm2']] })).toEqual({
      ...clean,
      causalityBroken: 1,
    })
  })

  it('counts a reply that names another message, or none, as broken causality', () => {
    expect(judge({ ...good, rows: rowsWith(3, { targetId: 'm0' }) })).toEqual({
      ...clean,
      causalityBroken: 1,
    })
    expect(judge({ ...good, rows: rowsWith(3, { targetId: null }) })).toEqual({
      ...clean,
      causalityBroken: 1,
    })
  })

  it('adds up over rooms', () => {
    const lossy = { ...good, views: [['m0', 'm1', 'm2']] }
    const double = { ...good, views: [['m0', 'm1', 'm2', 'm3', 'm3']] }
    expect(judgeAll([good, lossy, double, lossy])).toEqual({ ...clean, lost: 2, duplicated: 1 })
  })
})
