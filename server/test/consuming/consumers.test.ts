import { expect, it } from 'vitest'
import { type Batch, createMemoryLog, GroupError } from '../../src/index.js'
import { consumingBench, gate, idsOf, ROOM } from '../support/consuming.js'
import { until } from '../support/until.js'

const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `m${from + i}`)

it('workers are given each kind of entry, in order, with its body as JSON', async () => {
  const { batches, consume, write, log } = consumingBench()
  await consume()
  await write({ id: 'a', body: '{"text":"first"}' })
  await write({ id: 'e', kind: 'edit', messageId: 'a', body: '{"text":"second"}' })
  await write({ id: 'r', kind: 'react', messageId: 'a', body: '"👍"' })
  await write({ id: 'u', kind: 'unreact', messageId: 'a', body: '"👍"' })
  await write({ id: 's', kind: 'system', author: 'server', body: '{"sum":7}' })
  await write({ id: 'd', kind: 'delete', messageId: 'a' })
  const entries = batches.flatMap((batch) => batch.entries)
  expect(entries.map(({ seq, id, kind }) => [seq, id, kind])).toEqual([
    [1, 'a', 'create'],
    [2, 'e', 'edit'],
    [3, 'r', 'react'],
    [4, 'u', 'unreact'],
    [5, 's', 'system'],
    [6, 'd', 'delete'],
  ])
  expect(entries[0]).toMatchObject({ room: ROOM, from: 'alice', body: { text: 'first' } })
  expect(entries[1]).toMatchObject({ body: { text: 'second' }, target: { messageId: entries[0]?.messageId } })
  expect(entries[4]).toMatchObject({ room: ROOM, from: 'server', body: { sum: 7 } })
  expect(entries.every(({ ts, messageId }) => ts > 0 && messageId.length > 0)).toBe(true)
  expect((await log.locate([{ room: ROOM }]))[0]?.head).toBe(6)
})

it('workers are never given what was deleted before it was their turn', async () => {
  const { batches, consume, write } = consumingBench()
  const first = await consume()
  await first.close()
  await write({ id: 'a', body: '"secret"' }, { id: 'e', kind: 'edit', messageId: 'a', body: '"secret"' })
  await write({ id: 'd', kind: 'delete', messageId: 'a' })
  await consume()
  await write('b')
  expect(idsOf(batches).flat()).toEqual(['a', 'e', 'd', 'b'])
  expect(JSON.stringify(batches)).not.toContain('secret')
})

it('a batch has entries of one room, and as many as were asked for at most', async () => {
  const { batches, consume, write } = consumingBench()
  await write(...numbers(25), { id: 'other', room: 'orders/2' })
  await consume({ from: 'start', batch: 10 })
  await write()
  expect(batches.filter(({ room }) => room === ROOM).map(({ entries }) => entries.length)).toEqual([
    10, 10, 5,
  ])
  expect(idsOf(batches.filter(({ room }) => room === ROOM)).flat()).toEqual(numbers(25))
  expect(idsOf(batches.filter(({ room }) => room !== ROOM))).toEqual([['other']])
})

it('what was acknowledged is not handed over again, and what was not is', async () => {
  const { batches, consume, write, time } = consumingBench()
  await write(...numbers(30))
  const first = await consume({
    from: 'start',
    batch: 10,
    handle(batch) {
      batches.push(batch)
      if (batches.length === 2) throw new Error('no')
    },
  })
  await time.advance(0)
  await first.close()
  expect(batches.map(({ entries }) => entries[0]?.seq)).toEqual([1, 11])
  await consume({ batch: 10 })
  await time.advance(0)
  expect(batches.map(({ entries }) => entries[0]?.seq)).toEqual([1, 11, 11, 21])
})

it('a handler that fails gets the same again, later each time, while other rooms go on', async () => {
  const { consume, write, time, events } = consumingBench()
  const start = time.now()
  const tries: number[] = []
  const done: string[] = []
  let isBroken = true
  await consume({
    atOnce: 1,
    handle({ room, entries }) {
      if (room === ROOM) tries.push(time.now() - start)
      if (room === ROOM && isBroken) return Promise.reject(new TypeError('what was in the body'))
      done.push(...entries.map(({ id }) => id))
      return undefined
    },
  })
  await write('a')
  await write({ id: 'b', room: 'orders/2' })
  expect(done).toEqual(['b'])
  await time.advance(200_000)
  // Between half of it and all of it: chance says the middle here.
  const waits = tries.slice(1).map((at, i) => at - (tries[i] ?? 0))
  expect(waits.slice(0, 9)).toEqual(
    [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].map((ms) => ms * 0.75),
  )
  isBroken = false
  await write('c')
  await time.advance(30_000)
  expect(done).toEqual(['b', 'a', 'c'])
  const failures = events.filter(({ is }) => is === 'unconsumed')
  expect(failures[2]).toEqual({
    is: 'unconsumed',
    group: 'indexer',
    room: ROOM,
    attempt: 3,
    error: 'TypeError',
  })
  expect(JSON.stringify(events)).not.toContain('body')
  expect(events).toContainEqual({ is: 'consumed', group: 'indexer', entries: 1, ms: 0 })
})

it('one room is in one pair of hands, and no more rooms at once than were asked for', async () => {
  const { consume, write, time } = consumingBench()
  const now = new Map<string, number>()
  let most = 0
  let mostOfRoom = 0
  let handed = 0
  const handle = async ({ room, entries }: Batch) => {
    now.set(room, (now.get(room) ?? 0) + 1)
    mostOfRoom = Math.max(mostOfRoom, now.get(room) ?? 0)
    most = Math.max(
      most,
      [...now.values()].reduce((a, b) => a + b),
    )
    await new Promise<void>((resolve) => time.after(10, resolve))
    now.set(room, (now.get(room) ?? 0) - 1)
    handed += entries.length
  }
  for (let i = 0; i < 2; i++) await consume({ handle, atOnce: 3, batch: 2 })
  for (let i = 0; i < 100; i++) await write({ id: `m${i}`, room: `orders/${i % 10}` })
  await time.advance(10_000)
  expect([handed, most, mostOfRoom]).toEqual([100, 6, 1])
})

it('a room that never ends lets others have their turn', async () => {
  const { consume, write, batches } = consumingBench()
  await write(...numbers(100))
  await write({ id: 'other', room: 'orders/2' })
  await consume({ from: 'start', batch: 1, atOnce: 1 })
  await until(() => batches.length === 101)
  expect(batches.findIndex(({ room }) => room !== ROOM)).toBeLessThan(30)
  expect(idsOf(batches.filter(({ room }) => room === ROOM)).flat()).toEqual(numbers(100))
})

it('closing waits for the handler that runs, and hands over nothing more', async () => {
  const { consume, write, time, batches } = consumingBench()
  const { opened, open } = gate()
  const first = await consume({
    batch: 1,
    async handle(batch) {
      batches.push(batch)
      await opened
    },
  })
  await write(...numbers(3))
  let isClosed = false
  const closing = first.close().then(() => {
    isClosed = true
  })
  await time.advance(60_000)
  expect([batches.length, isClosed]).toEqual([1, false])
  open()
  await closing
  await time.advance(60_000)
  expect(batches.length).toBe(1)
  await consume()
  await time.advance(0)
  expect(idsOf(batches)).toEqual([['m1'], ['m2', 'm3']])
})

it('closing ends a worker that is just joining as well', async () => {
  const { consume, consumers, write, batches, time } = consumingBench()
  const joining = consume()
  await consumers.close()
  await joining
  await write('m')
  await time.advance(60_000)
  expect(batches).toEqual([])
  expect(time.timers).toBe(0)
})

it('another attempt waits until it may, and is not made once that is closing', async () => {
  const { consume, write, time } = consumingBench()
  const { opened, open } = gate()
  const tried: string[] = []
  const worker = await consume({
    atOnce: 1,
    async handle({ room }) {
      tried.push(room)
      if (room === ROOM) throw new Error('no')
      await opened
    },
  })
  await write('a')
  await write({ id: 'b', room: 'orders/2' })
  await time.advance(60_000)
  expect(tried).toEqual([ROOM, 'orders/2'])
  const closing = worker.close()
  open()
  await closing
  expect(tried).toEqual([ROOM, 'orders/2'])
})

it('closing does not wait for another attempt', async () => {
  const { consume, write, time } = consumingBench()
  const first = await consume({ handle: () => Promise.reject(new Error('no')) })
  await write('a')
  await time.advance(20_000)
  await first.close()
  expect(time.timers).toBe(0)
})

it('what cannot be meant is refused with a word on it', async () => {
  const { consume, consumers } = consumingBench()
  const wrong = [
    { group: '' },
    { group: 'a\u0000' },
    { rooms: '' },
    { batch: 0 },
    { batch: 1001 },
    { atOnce: 0.5 },
  ]
  for (const each of wrong) await expect(consume(each)).rejects.toThrow(GroupError)
  const { groups: _, ...log } = createMemoryLog({ clock: { now: () => 0 } })
  await expect(consumingBench({ log }).consume()).rejects.toThrow('keeps no positions')
  await consume()
  await expect(consumers.dismiss('indexer')).rejects.toThrow(GroupError)
})

it('a log that cannot be read now is read later', async () => {
  const memory = createMemoryLog({ clock: { now: () => 1 } })
  let isAway = false
  const { consume, write, time, batches, events } = consumingBench({
    log: {
      ...memory,
      page: (request) => (isAway ? Promise.reject(new Error('away')) : memory.page(request)),
    },
  })
  await consume()
  isAway = true
  await write('a')
  await time.advance(1_000)
  expect(batches).toEqual([])
  isAway = false
  await time.advance(2_000)
  expect(idsOf(batches)).toEqual([['a']])
  expect(events.filter(({ is }) => is === 'unconsumed').length).toBeGreaterThan(1)
})

it('what was acknowledged while the position could not be kept is kept with the next attempt', async () => {
  const memory = createMemoryLog({ clock: { now: () => 1 } })
  const { groups } = memory
  if (!groups) throw new Error('This log has no groups.')
  let isAway = false
  const { consume, write, time, batches } = consumingBench({
    log: {
      ...memory,
      groups: {
        ...groups,
        async join(...asked) {
          const member = await groups.join(...asked)
          return {
            ...member,
            take: async (most) =>
              (await member.take(most)).map((hold) => ({
                ...hold,
                move: (to) => (isAway ? Promise.reject(new Error('away')) : hold.move(to)),
              })),
          }
        },
      },
    },
  })
  const first = await consume()
  isAway = true
  await write('a')
  await time.advance(1_000)
  isAway = false
  await time.advance(30_000)
  await first.close()
  await consume()
  await write('b')
  expect(idsOf(batches)).toEqual([['a'], ['b']])
})
