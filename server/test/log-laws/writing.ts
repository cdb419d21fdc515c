import { formatStamp, stampMs, WIRE } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { messageIdOf } from '../../src/index.js'
import { DAY, type LogBench, NODE } from './bench.js'

/** What is written once, and by whose time. */
export function writingLaws(bench: LogBench): void {
  const { time, log, stampAt, create, update } = bench
  const { one, done, page, head, followed } = bench
  describe('appending', () => {
    it('numbers each room from 1 without a gap, and answers in order', async () => {
      const outcomes = await log().append([
        ...[create('a'), create('b', { room: 'other' }), create('c')],
        ...[create('x', { replyTo: 'nowhere' }), create('d')],
      ])
      expect(outcomes.map((outcome) => (outcome.done ? outcome.seq : outcome.code))).toEqual([
        ...[1, 1, 2],
        ...['not_found', 3],
      ])
    })
    it('S145: answers a repeat like the first time and adds nothing', async () => {
      const operation = create('a')
      const told = followed()
      const first = await done(operation)
      await time().advance(DAY)
      const again = await done({ ...operation, stamp: stampAt(time().now()) })
      expect(again).toEqual({ ...first, dup: true })
      expect(told).toHaveLength(1)
      expect((await head()).head).toBe(1)
    })
    it('answers a repeat within one array', async () => {
      const operation = create('a')
      const outcomes = await log().append([operation, operation, create('b')])
      expect(outcomes.map((outcome) => outcome.done && [outcome.seq, outcome.dup])).toEqual([
        [1, false],
        [1, true],
        [2, false],
      ])
    })
    it('refuses the same id for something else', async () => {
      await done(create('a'))
      await done(create('b'))
      const conflicts = [
        create('a', { body: '"other"' }),
        create('a', { replyTo: 'b' }),
        update('a', 'delete', 'b'),
      ]
      for (const operation of conflicts)
        expect(await one(operation)).toMatchObject({ done: false, code: 'id_conflict' })
    })
    it('keeps the ids of authors and rooms apart', async () => {
      const [a, b, c] = [create('x'), create('x', { author: 'bob' }), create('x', { room: 'other' })]
      const outcomes = [await done(a), await done(b), await done(c)]
      expect(outcomes.map(({ dup }) => dup)).toEqual([false, false, false])
      expect(new Set(outcomes.map(({ messageId }) => messageId)).size).toBe(3)
    })
    it('derives messageId from room, author and id alone', async () => {
      const { messageId } = await done(create('a'))
      expect(messageId).toBe(messageIdOf('general', 'alice', 'a'))
      expect(messageId).toMatch(/^[A-Za-z0-9_-]{22}$/)
    })
    it('tells followers each entry once and in order, before the append is answered', async () => {
      const told = followed()
      const appends = Array.from({ length: 20 }, (_, i) => {
        const answered = log().append([create(`a${i}`), create(`b${i}`)])
        return answered.then((outcomes) =>
          outcomes.every((outcome) => outcome.done && told.some(({ seq }) => seq === outcome.seq)),
        )
      })
      expect(await Promise.all(appends)).toEqual(Array.from({ length: 20 }, () => true))
      expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
      for (const [i, entry] of told.entries()) if (i > 0) expect(entry.prev).toBe(told[i - 1]?.cursor)
    })
    it('S159: a follower that throws costs neither the others nor the append', async () => {
      log().follow(() => {
        throw new Error('broken')
      })
      const told = followed()
      expect(await done(create('a'))).toMatchObject({ seq: 1 })
      expect(told).toHaveLength(1)
    })
    it('S117: takes names from outside as they are', async () => {
      for (const room of ['__proto__', 'constructor', 'a:b', "'; drop table operations; --", 'Ω😀'])
        for (const author of ['__proto__', 'toString']) {
          const { seq } = await done(create('hasOwnProperty', { room, author }))
          expect(seq).toBe(author === '__proto__' ? 1 : 2)
        }
    })
    it('keeps bodies to the letter', async () => {
      const body = '{"__proto__":{"x":1},"text":"\\u0000 Ω 😀 \\ud800","n":1e-7,"10":[],"2":null}'
      await done(create('a', { body }))
      const [item] = (await page()).items
      expect(item?.text).toContain(`"body":${body}`)
    })
  })

  describe('stamps', () => {
    const stampOf = async (ms: number) => (await done(create(`s${ms}`, { stamp: stampAt(ms) }))).stamp

    it('keeps what is at most 60 s ahead and at most 7 days behind', async () => {
      for (const ms of [time().now(), time().now() + WIRE.stampAheadMs, time().now() - WIRE.stampBehindMs]) {
        const stamp = stampAt(ms)
        expect((await done(create(stamp, { stamp }))).stamp).toBe(stamp)
      }
    })
    it('S113: replaces what is out of bounds by a fresh stamp after all accepted ones', async () => {
      const accepted = await stampOf(time().now() + 30_000)
      await stampOf(time().now())
      const ahead = await stampOf(time().now() + WIRE.stampAheadMs + 1)
      const behind = await stampOf(time().now() - WIRE.stampBehindMs - 1)
      expect(ahead > accepted && behind > ahead).toBe(true)
      expect(stampMs(behind) - time().now()).toBeLessThanOrEqual(WIRE.stampAheadMs)
    })
    it('S2: puts an answer after what it answers, comparing whole stamps', async () => {
      const ms = time().now()
      const parent = await done(create('p', { stamp: formatStamp(ms, 100, NODE) }))
      const reply = await done(create('r', { replyTo: 'p', stamp: formatStamp(ms, 4, NODE) }))
      expect(reply.stamp > parent.stamp).toBe(true)
      const equal = await done(create('e', { replyTo: 'p', stamp: parent.stamp, author: 'alice' }))
      expect(equal.stamp > reply.stamp).toBe(true)
    })
    it('tells followers the stamp that counts', async () => {
      const told = followed()
      const { stamp } = await done(create('a', { stamp: stampAt(time().now() + DAY) }))
      expect(told[0]?.stamp).toBe(stamp)
      expect(stampMs(stamp)).toBe(time().now())
    })
    it('never lets server time go back in a room', async () => {
      const before = await done(create('a'))
      time().jump(-DAY)
      const after = await done(create('b'))
      expect(after.ts).toBeGreaterThanOrEqual(before.ts)
    })
  })
}
