import { WIRE } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createRecent } from '../../src/core/recent.js'
import type { Page, Place } from '../../src/index.js'
import { messageIdOf } from '../../src/index.js'
import { DAY, type LogBench, MINUTE } from './bench.js'

/** Pages, places and what came since. */
export function readingLaws(bench: LogBench): void {
  const { time, log, create, update } = bench
  const { done, page, head, followed } = bench
  describe('pages', () => {
    const fill = (count: number, from = 0) =>
      log().append(Array.from({ length: count }, (_, i) => create(`m${from + i}`)))

    it('of an empty room have a cursor too', async () => {
      const empty = await page()
      expect(empty).toMatchObject({ items: [], prev: null, seq: 0, head: 0, hasMore: false })
      expect((await head()).cursor).toBe(empty.cursor)
      await fill(1)
      expect((await page({ cursor: empty.cursor })).items).toHaveLength(1)
    })
    it('S66, S68, S77, S78: forward meet end to end and cover everything once', async () => {
      await fill(25)
      const seen: number[] = []
      let cursor: string | undefined
      for (let more = true; more; ) {
        const part: Page = await page({ limit: 7, ...(cursor && { cursor }) })
        if (cursor) expect(part.prev).toBe(cursor)
        seen.push(...part.items.map(({ seq }) => seq))
        cursor = part.cursor
        more = part.hasMore
      }
      expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => i + 1))
      expect(cursor).toBe((await head()).cursor)
    })
    it('backward meet end to end and count messages, not operations', async () => {
      await fill(6)
      await log().append([update('e', 'edit', 'm5'), update('r', 'react', 'm5', { body: '"x"' })])
      await fill(2, 6)
      const newest = await page({ dir: 'backward', limit: 3 })
      expect(newest.items.map(({ seq }) => seq)).toEqual([6, 7, 8, 9, 10])
      expect(newest.cursor).toBe((await head()).cursor)
      const two = await page({ dir: 'backward', limit: 2 })
      expect(two.items.map(({ seq }) => seq)).toEqual([9, 10])
      const { prev } = newest
      if (prev === null) throw new Error('A backward page has a start.')
      const before = await page({ dir: 'backward', limit: 3, cursor: prev })
      expect(before).toMatchObject({ cursor: prev, hasMore: true })
      expect(before.items.map(({ seq }) => seq)).toEqual([3, 4, 5])
      const first = await page({ dir: 'backward', limit: 3, cursor: before.prev ?? '' })
      expect(first).toMatchObject({ hasMore: false })
      // The start of the log has a cursor, too.
      const all = await page({ cursor: first.prev ?? '', limit: 1 })
      expect(all).toMatchObject({ prev: first.prev, items: [{ seq: 1 }] })
    })
    it('from the start of the log follow nothing, and every other one says what it follows', async () => {
      await fill(3)
      const first = await page({ limit: 2 })
      expect(first).toMatchObject({ prev: null, seq: 2 })
      expect(await page({ cursor: first.cursor, limit: 2 })).toMatchObject({ prev: first.cursor, seq: 3 })
    })
    it('are cut by their size, but never below one entry', async () => {
      const body = JSON.stringify('x'.repeat(WIRE.bodyBytes - 2))
      await log().append(Array.from({ length: 12 }, (_, i) => create(`big${i}`, { body })))
      for (const dir of ['forward', 'backward'] as const) {
        const part = await page({ dir })
        const bytes = part.items.reduce((sum, { text }) => sum + text.length, 0)
        expect(bytes).toBeLessThanOrEqual(WIRE.pageBytes)
        expect(part.items.length).toBe(7)
        expect(part.hasMore).toBe(true)
      }
    })
    it('hold one entry at least, however large', async () => {
      await log().append([
        create('huge', { kind: 'system', body: JSON.stringify('x'.repeat(300_000)) }),
        create('b'),
      ])
      expect((await page()).items.map(({ seq }) => seq)).toEqual([1])
      const newest = await page({ dir: 'backward' })
      expect((await page({ dir: 'backward', cursor: newest.prev ?? '' })).items).toHaveLength(1)
    })
    it('name a position by one cursor, from whichever side', async () => {
      const told = followed()
      await fill(3)
      const two = told[1]?.cursor ?? ''
      expect((await page({ limit: 2 })).cursor).toBe(two)
      expect((await page({ dir: 'backward', limit: 1 })).prev).toBe(two)
      expect(told[2]?.prev).toBe(two)
    })
    it('S170: a cursor that is not on the log is told, never answered with nothing', async () => {
      await fill(3)
      const { cursor } = await head()
      const forged = `${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}`
      const beyond = `9${cursor.slice(1)}`
      for (const [wrong, reason] of [
        [forged, 'fork'],
        [beyond, 'restored'],
        ['03.abcdefgh', 'unknown'],
        ['what?', 'unknown'],
      ]) {
        const request = { room: 'general', cursor: wrong ?? '' }
        expect(await log().page({ ...request, dir: 'forward', limit: 5 })).toEqual({ lost: reason, head: 3 })
        expect(await log().locate([request])).toMatchObject([{ head: 3, lost: reason }])
      }
      expect((await log().locate([{ room: 'general', cursor }]))[0]).not.toHaveProperty('lost')
    })
    it('after a reset begin at the newest checkpoint that is recognised', async () => {
      const told = followed()
      await fill(4)
      const [one, two, three] = told.map(({ cursor }) => cursor)
      const checkpoints = [one ?? '', '3.aaaaaaaa', 'zz.aaaaaaaa', two ?? '']
      expect(await page({ checkpoints })).toMatchObject({ prev: two, items: [{ seq: 3 }, { seq: 4 }] })
      const none = await page({ checkpoints: ['3.aaaaaaaa'] })
      expect(none).toMatchObject({ prev: null, seq: 4 })
      expect(none.items).toHaveLength(4)
      expect(three).not.toBe(two)
    })
    it('are what a node remembers of what it was told, wherever it answers for the log', async () => {
      const recent = createRecent({ entries: 100, chars: 10_000 })
      const cursors = [(await head()).cursor]
      log().follow((committed) => {
        for (const entry of committed) {
          recent.add(entry)
          cursors.push(entry.cursor)
        }
      })
      const { messageId: first } = await done(create('first'))
      const answers = async () => {
        const standing = await head()
        const remembered = cursors.map((cursor) => recent.after(cursor, standing))
        const read = await Promise.all(cursors.map((cursor) => page({ cursor })))
        remembered.forEach((answer, i) => {
          if (answer) expect(answer).toEqual(read[i])
        })
        return remembered.map((answer) => answer !== undefined)
      }
      await log().append([
        update('+1', 'react', first, { body: '"👍"', author: 'bob' }),
        create('answer', { replyTo: first, author: 'bob', body: '{"text":"ü \\u2028 \\"x\\""}' }),
        create('told', { kind: 'system', author: 'host' }),
      ])
      // From before it its reaction is a part of it.
      expect(await answers()).toEqual([false, true, true, true, true])
      await done(update('-1', 'unreact', first, { body: '"👍"', author: 'bob' }))
      expect(await answers()).toEqual([false, true, true, true, true, true])
      await done(update('better', 'edit', first))
      expect(await answers()).toEqual([false, false, false, false, false, false, true])
      await done(create('after it'))
      expect((await answers()).slice(-3)).toEqual([false, true, true])
    })
  })

  describe('a place', () => {
    const fill = (count: number) => log().append(Array.from({ length: count }, (_, i) => create(`m${i + 1}`)))
    const around = async (place: Place, limit = 4) => {
      const found = await log().around('general', place, limit)
      return found && { at: found.at, seqs: found.items.map(({ seq }) => seq), hasMore: found.hasMore }
    }

    it('is found by its position, with as much below as above', async () => {
      await fill(10)
      expect(await around({ seq: 5 })).toEqual({ at: 5, seqs: [4, 5, 6, 7], hasMore: true })
      expect(await around({ seq: 1 })).toEqual({ at: 1, seqs: [1, 2, 3], hasMore: false })
      expect(await around({ seq: 99 })).toEqual({ at: 10, seqs: [9, 10], hasMore: true })
      expect(await around({ seq: 5 }, 1)).toEqual({ at: 5, seqs: [5], hasMore: true })
    })
    it('meets the pages before and behind it', async () => {
      await fill(10)
      const middle = await log().around('general', { seq: 5 }, 4)
      const below = await page({ dir: 'backward', limit: 2, cursor: middle?.prev ?? '' })
      expect(below.items.map(({ seq }) => seq)).toEqual([2, 3])
      const above = await page({ limit: 2, cursor: middle?.cursor ?? '' })
      expect(above.items.map(({ seq }) => seq)).toEqual([8, 9])
      expect(middle).toMatchObject({ seq: 7, head: 10 })
    })
    it('is the first entry that is not older than a time, or the head', async () => {
      for (const n of [1, 2, 3]) {
        await done(create(`t${n}`))
        await time().advance(MINUTE)
      }
      const second = time().now() - 2 * MINUTE
      expect(await around({ ts: second }, 1)).toMatchObject({ at: 2 })
      expect(await around({ ts: second + 1 }, 1)).toMatchObject({ at: 3 })
      expect(await around({ ts: 0 }, 1)).toMatchObject({ at: 1 })
      expect(await around({ ts: time().now() + DAY }, 1)).toMatchObject({ at: 3 })
    })
    it('is a message by its id, or by the operation of the one who asks', async () => {
      await fill(6)
      await log().append([update('e', 'edit', 'm3')])
      const id = messageIdOf('general', 'alice', 'm3')
      for (const author of ['alice', 'bob'])
        expect(await around({ messageId: id, author })).toMatchObject({ at: 3 })
      expect(await around({ messageId: 'm3', author: 'alice' })).toMatchObject({ at: 3 })
      expect(await around({ messageId: 'm3', author: 'bob' })).toBeUndefined()
      expect(await around({ messageId: 'e', author: 'alice' })).toBeUndefined()
      expect(await log().around('other', { messageId: id, author: 'alice' }, 4)).toBeUndefined()
    })
    it('counts messages, not operations, and shows them as they are now', async () => {
      await fill(3)
      await log().append([1, 2, 3].map((n) => update(`r${n}`, 'react', 'm3', { body: `"${n}"` })))
      await log().append([create('m4'), create('m5')])
      const found = await log().around('general', { seq: 3 }, 4)
      expect(found?.items.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8])
      expect(JSON.parse(found?.items[1]?.text ?? '')).toMatchObject({ id: 'm3', rev: 6 })
    })
    it('fits a page, however large what lies around it', async () => {
      const body = JSON.stringify('x'.repeat(WIRE.bodyBytes - 2))
      await log().append(Array.from({ length: 20 }, (_, i) => create(`big${i}`, { body })))
      const found = await log().around('general', { seq: 10 }, 500)
      const bytes = (found?.items ?? []).reduce((sum, { text }) => sum + text.length, 0)
      expect(bytes).toBeLessThanOrEqual(WIRE.pageBytes)
      expect(found?.items.map(({ seq }) => seq)).toEqual([8, 9, 10, 11, 12, 13, 14])
    })
    it('of an empty room is its start', async () => {
      const { cursor } = await head()
      expect(await log().around('general', { ts: 5 }, 4)).toEqual({
        ...{ items: [], prev: cursor, cursor, seq: 0, hasMore: false, head: 0, at: 0 },
      })
    })
  })

  describe('reading by timestamps', () => {
    it('S67: is inclusive and ascending, and gets past equal timestamps', async () => {
      const appended = 120
      for (let i = 0; i < appended; i += 40) {
        await log().append(Array.from({ length: 40 }, (_, n) => create(`m${i + n}`)))
        await time().advance(1)
      }
      const known = new Set<string>()
      let since = 0
      for (let rounds = 0; rounds < 50; rounds++) {
        const part = await log().since('general', since, 20)
        const rows: { messageId: string; ts: number }[] = part.items.map(({ text }) => JSON.parse(text))
        for (const row of rows) {
          expect(row.ts).toBeGreaterThanOrEqual(since)
          since = row.ts
          known.add(row.messageId)
        }
        if (!part.hasMore) break
      }
      expect(known.size).toBe(appended)
    })
    it('gives one timestamp to few entries, so that large ones do not hide those after them', async () => {
      const body = JSON.stringify('x'.repeat(WIRE.bodyBytes - 2))
      await log().append(Array.from({ length: 20 }, (_, i) => create(`big${i}`, { body })))
      const first = await log().since('general', 0, 500)
      const rows: { ts: number }[] = first.items.map(({ text }) => JSON.parse(text))
      expect(rows).toHaveLength(16)
      expect(first.hasMore).toBe(true)
      const rest = await log().since('general', (rows[0]?.ts ?? 0) + 1, 500)
      expect(rest.items).toHaveLength(4)
    })
    it('of the future is empty', async () => {
      await done(create('a'))
      expect(await log().since('general', time().now() + DAY, 5)).toMatchObject({ items: [], hasMore: false })
    })
  })
}
