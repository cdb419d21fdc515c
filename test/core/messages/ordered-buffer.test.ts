import { describe, expect, it } from 'vitest'
import { formatStamp } from '../../../src/protocol/index.js'
import { NODE, setUp } from './buffer.js'

describe('an ordered buffer', () => {
  it('S10: does not let a lone message pass before an earlier one that comes within the hold-back', async () => {
    const { timeline, buffer, item, ids, late } = setUp()
    buffer.add(item('second', 20))
    await timeline.advance(900)
    expect(ids()).toEqual([])
    buffer.add(item('first', 10))
    await timeline.advance(1_200)
    expect(ids()).toEqual(['first', 'second'])
    expect(late()).toEqual([])
  })

  it('S11: gives an id once, also when it comes again after it was given out, with another stamp or by flush', async () => {
    const { timeline, buffer, item, ids } = setUp()
    expect(buffer.add(item('a', 10))).toBe(true)
    expect(buffer.add(item('a', 10))).toBe(false)
    await timeline.advance(1_200)
    expect(buffer.add(item('a', 10))).toBe(false)
    expect(buffer.add(item('a', 5_000))).toBe(false)
    buffer.add(item('b', 20))
    buffer.flush()
    expect(buffer.add(item('b', 20))).toBe(false)
    buffer.flush()
    expect(ids()).toEqual(['a', 'b'])
  })

  it('S11: what is too old to be told from a repeat is handed over apart, never twice', () => {
    const tooOld: string[] = []
    const { buffer, item, ids } = setUp({
      remember: 20,
      capacity: 20,
      onTooOld: ({ id }) => tooOld.push(id),
    })
    for (let n = 100; n < 130; n++) {
      buffer.add(item(`m${n}`, n))
      buffer.flush()
    }
    const given = ids()
    expect(given).toHaveLength(30)
    // The first were forgotten: a repeat of them and a stranger from before them look the same.
    expect(buffer.add(item('m100', 100))).toBe(false)
    expect(buffer.add(item('stranger', 50))).toBe(false)
    expect(tooOld).toEqual(['m100', 'stranger'])
    expect(buffer.tooOld).toBe(2)
    // The newest are remembered, and a stranger among them is new.
    expect(buffer.add(item('m129', 129))).toBe(false)
    expect(
      buffer.add({ ...item('between', 128), stamp: formatStamp(Date.UTC(2026, 0, 5, 9) + 128, 1, NODE) }),
    ).toBe(true)
    buffer.flush()
    expect(ids()).toEqual([...given, 'between'])
  })

  it('S12: has a timer of its own: messages come out although nothing more comes in', async () => {
    const { timeline, buffer, item, ids } = setUp()
    buffer.add(item('a', 0))
    buffer.add(item('b', 1))
    await timeline.advance(999)
    expect(ids()).toEqual([])
    await timeline.advance(101)
    expect(ids()).toEqual(['a', 'b'])
    expect(timeline.pending).toBe(0)
  })

  it('S13: a stamp from a fast clock delays nobody, and waits no longer than the others', async () => {
    const { timeline, buffer, item, ids } = setUp()
    buffer.add(item('fast', 3_600_000))
    await timeline.advance(500)
    buffer.add(item('a', 500))
    await timeline.advance(600)
    expect(ids()).toEqual(['a', 'fast'])
    await timeline.advance(1_200)
    expect(buffer.held).toBe(0)
  })

  it.each([-7_200_000, 7_200_000])(
    'S13: the wall clock of the device does not count: the same with one that is off by %d ms',
    async (offset) => {
      const { timeline, clock, buffer, item, ids } = setUp({}, offset)
      buffer.add(item('b', 10))
      buffer.add(item('a', 0))
      await timeline.advance(900)
      expect(ids()).toEqual([])
      clock.jump(-offset)
      await timeline.advance(1_200)
      expect(ids()).toEqual(['a', 'b'])
    },
  )

  it('S13: a wall clock that steps back does not stretch the wait', async () => {
    const { timeline, clock, buffer, item, ids } = setUp()
    for (let n = 0; n < 20; n++) {
      buffer.add(item(`m${n}`, n))
      await timeline.advance(10)
      clock.jump(-60_000)
    }
    await timeline.advance(1_100)
    expect(ids()).toHaveLength(20)
  })

  it('S13: with server time, one fast clock does not make everybody else late', async () => {
    const { timeline, buffer, item, ids, late } = setUp({ serverNow: () => timeline.now() })
    buffer.add(item('fast', 20_500))
    for (let n = 1; n <= 25; n++) {
      await timeline.advance(1_000)
      buffer.add(item(`m${n}`, n * 1_000))
    }
    await timeline.advance(1_200)
    expect(late()).toEqual([])
    expect(ids().indexOf('fast')).toBe(20)
    expect(timeline.pending).toBe(0)
  })

  it('S13: with server time, a stamp that lies in another century waits a minute and no more', async () => {
    const { timeline, buffer, item, ids } = setUp({ serverNow: () => timeline.now() })
    buffer.add(item('far', 10 ** 12))
    await timeline.advance(50_000)
    expect(ids()).toEqual([])
    await timeline.advance(20_000)
    expect(ids()).toEqual(['far'])
    expect(timeline.pending).toBe(0)
  })

  it('S15: the wait is a choice: what must be shown at once is not put into a buffer, and a short hold-back is short', async () => {
    const { timeline, buffer, item, ids } = setUp({ holdBackMs: 0 })
    buffer.add(item('a', 0))
    expect(ids()).toEqual([])
    await timeline.advance(11)
    expect(ids()).toEqual(['a'])
  })

  it('S16: rooms have buffers of their own: one says nothing about another', async () => {
    const one = setUp()
    const other = setUp()
    one.buffer.add(one.item('a', 9_000))
    one.buffer.flush()
    other.buffer.add(other.item('a', 0))
    await other.timeline.advance(1_100)
    expect(other.ids()).toEqual(['a'])
    expect(other.late()).toEqual([])
  })

  it('S16: is bounded: past its capacity the earliest go out before their time, none is dropped', async () => {
    const { timeline, buffer, item, ids } = setUp({ capacity: 100 })
    for (let n = 0; n < 250; n++) buffer.add(item(`m${n}`, n))
    expect(buffer.held).toBeLessThanOrEqual(100)
    expect(ids().slice(0, 3)).toEqual(['m0', 'm1', 'm2'])
    await timeline.advance(1_100)
    expect(ids()).toEqual(Array.from({ length: 250 }, (_, n) => `m${n}`))
  })

  it('S16: says which message came after its place in the stream was past', async () => {
    const { timeline, buffer, item, ids, late } = setUp()
    buffer.add(item('b', 100))
    await timeline.advance(1_100)
    buffer.add(item('a', 50))
    buffer.add(item('c', 150))
    await timeline.advance(1_100)
    expect(ids()).toEqual(['b', 'a', 'c'])
    expect(late()).toEqual(['a'])
  })

  it('keeps late ones in order among themselves', async () => {
    const { timeline, buffer, item, ids } = setUp()
    buffer.add(item('z', 9_000))
    buffer.flush()
    buffer.add(item('b', 20))
    buffer.add(item('a', 10))
    await timeline.advance(1_100)
    expect(ids()).toEqual(['z', 'a', 'b'])
  })

  it('goes on flagging what is late after it has given out a late one', () => {
    const { buffer, item, late } = setUp()
    for (const [id, ms] of [
      ['z', 9_000],
      ['a', 10],
      ['b', 20],
    ] as const) {
      buffer.add(item(id, ms))
      buffer.flush()
    }
    expect(late()).toEqual(['a', 'b'])
  })

  it('holds everything back for the whole time, also what came at the end of a tenth', async () => {
    const { timeline, buffer, item, ids } = setUp()
    buffer.add(item('a', 10))
    await timeline.advance(99)
    buffer.add(item('b', 20))
    await timeline.advance(999)
    expect(ids()).not.toContain('b')
    await timeline.advance(102)
    expect(ids()).toEqual(['a', 'b'])
  })

  it('lets what goes out early take nobody with it when its own time comes', async () => {
    const { timeline, buffer, item, ids } = setUp()
    buffer.add(item('b', 20))
    await timeline.advance(450)
    buffer.add(item('a', 10))
    await timeline.advance(200)
    buffer.add(item('d', 40))
    await timeline.advance(850)
    expect(ids()).toEqual(['a', 'b'])
    buffer.add(item('c', 30))
    await timeline.advance(150)
    expect(ids()).toEqual(['a', 'b'])
    await timeline.advance(150)
    expect(ids()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('gives one batch for what became ready together', async () => {
    const { timeline, buffer, item, batches } = setUp()
    for (let n = 9; n >= 0; n--) buffer.add(item(`m${n}`, n))
    await timeline.advance(1_100)
    expect(batches).toHaveLength(1)
  })

  it('catches up in one step when its timers were throttled', async () => {
    const { timeline, clock, buffer, item, ids } = setUp()
    buffer.add(item('a', 0))
    // The timer comes a minute late: the wall has moved on, timers have not.
    clock.jump(60_000)
    await timeline.advance(100)
    expect(ids()).toEqual(['a'])
  })

  it('has no timer while nothing waits, and none after stop', async () => {
    const { timeline, buffer, item, ids } = setUp()
    expect(timeline.pending).toBe(0)
    buffer.add(item('a', 0))
    expect(timeline.pending).toBe(1)
    buffer.flush()
    expect(timeline.pending).toBe(0)
    buffer.add(item('b', 0))
    buffer.stop()
    expect(timeline.pending).toBe(0)
    expect(buffer.add(item('c', 0))).toBe(false)
    await timeline.advance(5_000)
    buffer.flush()
    expect(ids()).toEqual(['a'])
  })

  it('S4: refuses an item without a stamp, aloud, and goes on', () => {
    const { buffer, item, ids } = setUp()
    buffer.add(item('a', 0))
    expect(() => buffer.add({ id: 'bad', stamp: 'NaN' })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
    buffer.add(item('b', 1))
    buffer.flush()
    expect(ids()).toEqual(['a', 'b'])
  })

  it('refuses numbers that mean nothing', () => {
    for (const bad of [{ holdBackMs: Number.NaN }, { holdBackMs: -1 }, { remember: -1 }, { capacity: 0 }])
      expect(() => setUp(bad)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  })

  it('is in order for the next call when its reader throws', async () => {
    const seen: string[] = []
    let fail = true
    const { timeline, buffer, item } = setUp({
      onReady: (batch) => {
        seen.push(...batch.map((ready) => ready.item.id))
        if (fail) throw new Error('the reader failed')
      },
    })
    buffer.add(item('a', 0))
    expect(() => buffer.flush()).toThrow('the reader failed')
    fail = false
    buffer.add(item('b', 1))
    await timeline.advance(1_100)
    expect(seen).toEqual(['a', 'b'])
  })
})
