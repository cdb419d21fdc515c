import { formatStamp } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createRecent } from '../../src/core/recent.js'
import { type Committed, createMemoryLog, type Log } from '../../src/index.js'
import { createBench, frames } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'

/** A log that counts the pages it is asked for. */
function counted() {
  const time = createTimeline()
  const inner = createMemoryLog({ clock: time })
  const asked = { pages: 0 }
  const log: Log = {
    ...inner,
    page(request) {
      asked.pages += 1
      return inner.page(request)
    },
  }
  return { time, log, asked }
}

describe('those who come back', () => {
  it('are told what they missed without a page being read, as long as somebody of the room is here', async () => {
    const { time, log, asked } = counted()
    const bench = createBench({ time, log })
    const { message } = frames(bench)
    const bob = await bench.join('bob', 'general')
    const herd = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const user = `user${i}`
        const puppet = bench.connect(user)
        await puppet.hello({ rooms: [{ room: 'general' }] })
        const cursor = puppet.takeOnly('subscribed')[0]?.cursor ?? ''
        await puppet.hangUp()
        return { user, cursor }
      }),
    )
    await bob.send(message('one'), message('two', { replyTo: 'one' }))
    asked.pages = 0
    for (const { user, cursor } of herd) {
      const puppet = bench.connect(user)
      await puppet.hello({ rooms: [{ room: 'general', cursor, pages: 3 }] })
      const [page, ...more] = puppet.takeOnly('sync_response')
      expect(more).toEqual([])
      expect(page).toMatchObject({ id: 'general', prev: cursor, seq: 2, head: 2, hasMore: false })
      expect(page?.messages).toMatchObject([{ id: 'one' }, { id: 'two' }])
    }
    expect(asked.pages).toBe(0)
  })
  it('and have missed nothing cost no page either, on a node where nobody was', async () => {
    const { time, log, asked } = counted()
    const first = createBench({ time, log })
    const bob = await first.join('bob', 'general')
    await bob.send(frames(first).message('one'))
    const [event] = bob.takeOnly('event')
    const second = createBench({ time, log })
    const alice = second.connect('alice')
    await alice.hello({ rooms: [{ room: 'general', cursor: event?.cursor ?? '', pages: 3 }] })
    expect(alice.takeOnly('sync_response')).toMatchObject([{ messages: [], seq: 1, hasMore: false }])
    expect(asked.pages).toBe(0)
  })
  it('are shown by the log what was changed meanwhile', async () => {
    const { time, log, asked } = counted()
    const bench = createBench({ time, log })
    const { message, update } = frames(bench)
    const bob = await bench.join('bob', 'general')
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general' }] })
    const cursor = alice.takeOnly('subscribed')[0]?.cursor ?? ''
    await alice.hangUp()
    await bob.send(message('one'))
    await bob.send(update('better', 'edit', 'one', { body: 'two' }))
    asked.pages = 0
    const again = bench.connect('alice')
    await again.hello({ rooms: [{ room: 'general', cursor, pages: 3 }] })
    expect(again.takeOnly('sync_response')[0]?.messages[0]).toMatchObject({ body: 'two', edited: true })
    expect(asked.pages).toBe(1)
  })
  it('see nothing of it that is hidden from them', async () => {
    const { time, log, asked } = counted()
    const bench = createBench({ time, log, sees: (user, { seq }) => user === 'bob' || seq !== 2 })
    const { message } = frames(bench)
    const bob = await bench.join('bob', 'general')
    await bob.send(message('one'))
    const [{ cursor = '' } = {}] = bob.takeOnly('event')
    await bob.send(message('two'), message('three'))
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general', cursor, pages: 1 }] })
    const [page] = alice.takeOnly('sync_response')
    expect(page).toMatchObject({ seq: 3, messages: [{ id: 'three' }] })
    expect(asked.pages).toBe(0)
  })
})

describe('what a node remembers of a room', () => {
  const entry = (seq: number, past = 'a', body = '"x"'): Committed => ({
    ...{ room: 'general', seq, cursor: `${seq}.${past}`, prev: `${seq - 1}.${past}`, messageId: `m${seq}` },
    ...{ id: `o${seq}`, from: 'bob', stamp: formatStamp(seq, 0, 'bobs-clock-'), ts: seq, kind: 'create' },
    ...{ body, version: 1 },
  })
  const standing = (head: number, past = 'a') => ({ head, cursor: `${head}.${past}` })
  const filled = (count: number, bounds = { entries: 200, chars: 1_000 }) => {
    const recent = createRecent(bounds)
    for (let seq = 1; seq <= count; seq++) recent.add(entry(seq))
    return recent
  }
  const seqs = (page: ReturnType<ReturnType<typeof createRecent>['after']>) =>
    page?.items.map(({ seq }) => seq)

  it('is bounded by entries and by what they hold', () => {
    const few = filled(10, { entries: 3, chars: 1_000 })
    expect([seqs(few.after('7.a', standing(10))), few.after('6.a', standing(10))]).toEqual([
      [8, 9, 10],
      undefined,
    ])
    const small = filled(10, { entries: 200, chars: 8 })
    expect([seqs(small.after('8.a', standing(10))), small.after('7.a', standing(10))]).toEqual([
      [9, 10],
      undefined,
    ])
    small.add(entry(11, 'a', `"${'x'.repeat(100)}"`))
    expect(small.after('10.a', standing(11))).toBeUndefined()
  })
  it('ends where the log stands: what it does not have is not shown, and what is not here is the log’s to tell', () => {
    const recent = filled(10)
    expect(seqs(recent.after('4.a', standing(6)))).toEqual([5, 6])
    expect(recent.after('4.a', standing(11))).toBeUndefined()
    expect(recent.after('8.a', standing(6))).toBeUndefined()
  })
  it('is not told to somebody of another past, nor about one', () => {
    const recent = filled(10)
    expect(recent.after('4.b', standing(10))).toBeUndefined()
    expect(recent.after('4.a', standing(10, 'b'))).toBeUndefined()
  })
  it('begins anew where an entry is missing, and when the past was another', () => {
    const recent = filled(4)
    recent.add(entry(6))
    expect([recent.after('3.a', standing(6)), seqs(recent.after('5.a', standing(6)))]).toEqual([
      undefined,
      [6],
    ])
    recent.clear()
    expect(recent.after('5.a', standing(6))).toBeUndefined()
  })
})
