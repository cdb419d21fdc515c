import { expect, it } from 'vitest'
import { advance, cursorsOf, seqOf } from '../../src/consuming/position.js'
import { type Committed, createMemoryLog, type Log } from '../../src/index.js'
import { cursorAt } from '../../src/log/cursor.js'
import { createFollowers } from '../../src/log/followers.js'
import { cursorOf } from '../../src/log/groups.js'
import { createLocalGroups, type Positions } from '../../src/log/local-groups.js'
import { consumingBench, idsOf, ROOM } from '../support/consuming.js'
import { createOperation } from '../support/operations.js'

const clock = { now: () => 1_750_000_000_000 }
const fill = (log: Log, ids: readonly string[]) =>
  log.append(ids.map((id) => createOperation(id, { room: ROOM })))
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `m${from + i}`)

/** A log that becomes another one, as one does that came back with less; positions stay as they were. */
function changing(first: Log) {
  let now = first
  const kept = new Map<string, string>()
  const { follow, tell } = createFollowers<Committed>()
  const pass = () => now.follow(tell)
  pass()
  const positions: Positions = {
    enrol: async () => ({ behind: [] }),
    async stand(_, room) {
      const [standing] = await now.locate([{ room }])
      const position = kept.get(room)
      return { position, isBehind: standing?.cursor !== cursorOf(position ?? '') }
    },
    move: async (_, room, position) => void kept.set(room, position),
    dismiss: async () => {},
  }
  const log: Log = {
    ...first,
    page: (request) => now.page(request),
    groups: createLocalGroups(positions, follow),
  }
  return {
    log,
    become(other: Log) {
      now = other
      pass()
    },
  }
}

it('workers are told of a log that came back with less and went on differently, and are given that again', async () => {
  const before = createMemoryLog({ clock })
  const { log, become } = changing(before)
  const { consume, batches, time } = consumingBench({ log })
  await consume({ batch: 10 })
  for (let i = 0; i < 10; i++) {
    await fill(before, numbers(10, 10 * i + 1))
    await time.advance(0)
  }
  expect(idsOf(batches).flat()).toEqual(numbers(100))
  const after = createMemoryLog({ clock })
  await fill(after, numbers(95))
  become(after)
  await fill(after, ['x96', 'x97', 'x98', 'x99', 'x100', 'x101'])
  await time.advance(0)
  const [told, ...more] = batches.slice(10)
  expect(told?.gap).toEqual({ reason: 'fork', handed: 100, from: 91 })
  expect(told?.entries.map(({ id }) => id)).toEqual([...numbers(5, 91), 'x96', 'x97', 'x98', 'x99', 'x100'])
  expect(idsOf(more)).toEqual([['x101']])
  expect(more[0]?.gap).toBeUndefined()
})

it('workers are told that a log has less than they were given, also when nothing follows', async () => {
  const before = createMemoryLog({ clock })
  const { log, become } = changing(before)
  const { consume, batches, time } = consumingBench({ log })
  await consume({ batch: 2 })
  await fill(before, numbers(4))
  await time.advance(0)
  const after = createMemoryLog({ clock })
  await fill(after, numbers(1))
  become(after)
  await fill(after, ['m2'])
  await time.advance(0)
  expect(batches.slice(2)).toEqual([
    { room: ROOM, entries: [], gap: { reason: 'restored', handed: 4, from: 3 } },
  ])
  await fill(after, ['x3'])
  await time.advance(0)
  expect(idsOf(batches.slice(3))).toEqual([['x3']])
})

it('a gap is told again until it was acknowledged', async () => {
  const before = createMemoryLog({ clock })
  const { log, become } = changing(before)
  const { consume, batches, time } = consumingBench({ log })
  let refusals = 0
  await consume({
    handle(batch) {
      batches.push(batch)
      if (batch.gap && refusals++ < 2) throw new Error('no')
    },
  })
  await fill(before, numbers(3))
  await time.advance(0)
  const after = createMemoryLog({ clock })
  become(after)
  await fill(after, ['x1', 'x2'])
  await time.advance(60_000)
  const gap = { reason: 'restored', handed: 3, from: 1 }
  expect(batches.map((batch) => batch.gap)).toEqual([undefined, gap, gap, gap])
  expect(idsOf(batches.slice(-1))).toEqual([['x1', 'x2']])
})

it('a position knows older ones, few and further apart the longer ago', () => {
  let position = ''
  for (let seq = 100; seq <= 100_000; seq += 100)
    position = advance(cursorsOf(position), cursorAt(seq, 'markmark'))
  const ago = cursorsOf(position).map((cursor) => 100_000 - seqOf(cursor))
  expect(ago.slice(0, 3)).toEqual([0, 100, 200])
  expect(ago.length).toBeLessThanOrEqual(8)
  for (const [i, each] of ago.entries()) if (i > 2) expect(each).toBeGreaterThan(ago[i - 1] ?? 0)
  expect(ago.at(-1)).toBeGreaterThan(1_000)
})
