import { formatStamp, stampMs, WIRE } from 'tidings/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type {
  Clock,
  Committed,
  Done,
  Log,
  Operation,
  Outcome,
  Page,
  PageRequest,
  Place,
} from '../src/index.js'
import { messageIdOf } from '../src/index.js'
import { createTimeline, type Timeline } from './support/timeline.js'

/** A log under test: opened afresh for each law, closed and cleaned away afterwards. */
export interface LogUnderTest {
  open(clock: Clock): Promise<Log>
  clean(): Promise<void>
}

const NODE = 'node-------'
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** What every log of the server has to keep. */
export function logLaws(name: string, subject: LogUnderTest): void {
  let time: Timeline
  let log: Log
  let counter = 0

  const stampAt = (ms: number) => formatStamp(ms, ++counter, NODE)
  const create = (id: string, more: Partial<Operation> = {}): Operation => ({
    ...{ room: 'general', author: 'alice', id, kind: 'create', stamp: stampAt(time.now()) },
    body: JSON.stringify({ text: id }),
    ...more,
  })
  const update = (id: string, kind: Operation['kind'], messageId: string, more: Partial<Operation> = {}) => ({
    ...{ room: 'general', author: 'alice', id, kind, stamp: stampAt(time.now()), messageId },
    ...(kind === 'edit' && { body: JSON.stringify({ text: id }) }),
    ...more,
  })
  const one = async (operation: Operation): Promise<Outcome> => {
    const [outcome] = await log.append([operation])
    if (!outcome) throw new Error('An append has to answer each operation.')
    return outcome
  }
  const done = async (operation: Operation): Promise<Done> => {
    const outcome = await one(operation)
    if (!outcome.done) throw new Error(`${operation.id} was refused: ${outcome.code}`)
    return outcome
  }
  const page = async (request: Partial<PageRequest> = {}): Promise<Page> => {
    const answer = await log.page({ room: 'general', dir: 'forward', limit: 500, ...request })
    if ('lost' in answer) throw new Error(`The log does not know the cursor: ${answer.lost}`)
    return answer
  }
  const entries = async (request: Partial<PageRequest> = {}): Promise<Record<string, unknown>[]> =>
    (await page(request)).items.map(({ text }) => JSON.parse(text))
  const head = async (room = 'general') => {
    const [standing] = await log.locate([{ room }])
    if (!standing) throw new Error('A room stands somewhere.')
    return standing
  }
  const followed = () => {
    const told: Committed[] = []
    log.follow((committed) => told.push(...committed))
    return told
  }

  describe(`${name} as a log`, () => {
    beforeEach(async () => {
      time = createTimeline()
      log = await subject.open(time)
    })
    afterEach(async () => {
      await log.close()
      await subject.clean()
    })

    describe('appending', () => {
      it('numbers each room from 1 without a gap, and answers in order', async () => {
        const outcomes = await log.append([
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
        await time.advance(DAY)
        const again = await done({ ...operation, stamp: stampAt(time.now()) })
        expect(again).toEqual({ ...first, dup: true })
        expect(told).toHaveLength(1)
        expect((await head()).head).toBe(1)
      })
      it('answers a repeat within one array', async () => {
        const operation = create('a')
        const outcomes = await log.append([operation, operation, create('b')])
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
          const answered = log.append([create(`a${i}`), create(`b${i}`)])
          return answered.then((outcomes) =>
            outcomes.every((outcome) => outcome.done && told.some(({ seq }) => seq === outcome.seq)),
          )
        })
        expect(await Promise.all(appends)).toEqual(Array.from({ length: 20 }, () => true))
        expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
        for (const [i, entry] of told.entries()) if (i > 0) expect(entry.prev).toBe(told[i - 1]?.cursor)
      })
      it('S159: a follower that throws costs neither the others nor the append', async () => {
        log.follow(() => {
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
        for (const ms of [time.now(), time.now() + WIRE.stampAheadMs, time.now() - WIRE.stampBehindMs]) {
          const stamp = stampAt(ms)
          expect((await done(create(stamp, { stamp }))).stamp).toBe(stamp)
        }
      })
      it('S113: replaces what is out of bounds by a fresh stamp after all accepted ones', async () => {
        const accepted = await stampOf(time.now() + 30_000)
        await stampOf(time.now())
        const ahead = await stampOf(time.now() + WIRE.stampAheadMs + 1)
        const behind = await stampOf(time.now() - WIRE.stampBehindMs - 1)
        expect(ahead > accepted && behind > ahead).toBe(true)
        expect(stampMs(behind) - time.now()).toBeLessThanOrEqual(WIRE.stampAheadMs)
      })
      it('S2: puts an answer after what it answers, comparing whole stamps', async () => {
        const ms = time.now()
        const parent = await done(create('p', { stamp: formatStamp(ms, 100, NODE) }))
        const reply = await done(create('r', { replyTo: 'p', stamp: formatStamp(ms, 4, NODE) }))
        expect(reply.stamp > parent.stamp).toBe(true)
        const equal = await done(create('e', { replyTo: 'p', stamp: parent.stamp, author: 'alice' }))
        expect(equal.stamp > reply.stamp).toBe(true)
      })
      it('tells followers the stamp that counts', async () => {
        const told = followed()
        const { stamp } = await done(create('a', { stamp: stampAt(time.now() + DAY) }))
        expect(told[0]?.stamp).toBe(stamp)
        expect(stampMs(stamp)).toBe(time.now())
      })
      it('never lets server time go back in a room', async () => {
        const before = await done(create('a'))
        time.jump(-DAY)
        const after = await done(create('b'))
        expect(after.ts).toBeGreaterThanOrEqual(before.ts)
      })
    })

    describe('changing messages', () => {
      const present = async (id: string) => (await entries()).find((entry) => entry['id'] === id)

      it('raises the version by edits and deletes, and shows the message as it is', async () => {
        await done(create('m'))
        const edit = await done(update('e', 'edit', messageIdOf('general', 'alice', 'm')))
        expect(edit).toMatchObject({ version: 2, applied: true, seq: 2 })
        expect(await present('m')).toMatchObject({ body: { text: 'e' }, version: 2, edited: true, rev: 2 })
        expect(await present('e')).toMatchObject({
          ...{ kind: 'edit', version: 2, body: { text: 'e' } },
          target: { messageId: messageIdOf('general', 'alice', 'm'), seq: 1 },
        })
        expect(await done(update('d', 'delete', 'm'))).toMatchObject({ version: 3 })
        expect(await present('m')).toMatchObject({ version: 3, deleted: true, rev: 3 })
      })
      it('S114: leaves a tombstone of a deleted message, and no body anywhere', async () => {
        await log.append([
          ...[create('m', { body: '"secret 1"' }), update('e', 'edit', 'm', { body: '"secret 2"' })],
          ...[update('r', 'react', 'm', { body: '"👍"' }), update('d', 'delete', 'm')],
        ])
        const all = await entries()
        expect(JSON.stringify(all)).not.toContain('secret')
        expect(all).toHaveLength(4)
        expect(all[0]).not.toHaveProperty('reactions')
        for (const kind of ['delete', 'react', 'unreact'] as const)
          expect(await done(update(`late-${kind}`, kind, 'm', { body: '"👍"' }))).toMatchObject({
            applied: false,
          })
        for (const locked of [{}, { baseVersion: 1 }])
          expect(
            await one(update('late-edit', 'edit', 'm', { body: '"secret 3"', ...locked })),
          ).toMatchObject({ code: 'deleted' })
        expect(await entries()).toHaveLength(4)
      })
      it('resolves a chain of earlier ids within one array', async () => {
        const outcomes = await log.append([
          ...[create('m'), create('r', { replyTo: 'm' }), update('e', 'edit', 'r')],
          ...[update('h', 'react', 'm', { body: '"👍"' }), update('d', 'delete', 'm')],
        ])
        expect(outcomes.map((outcome) => outcome.done && outcome.seq)).toEqual([1, 2, 3, 4, 5])
        const m = messageIdOf('general', 'alice', 'm')
        expect((await entries())[1]).toMatchObject({ replyTo: m, target: { messageId: m, seq: 1 } })
      })
      it('counts a repeat that names its target by the other name as the same', async () => {
        const m = await done(create('m'))
        const reply = create('r', { replyTo: 'm' })
        await done(reply)
        expect(await done({ ...reply, replyTo: m.messageId })).toMatchObject({ dup: true, seq: 2 })
      })
      it('finds neither strangers’ operation ids, nor operations, nor messages of other rooms', async () => {
        await done(create('m'))
        await done(update('e', 'edit', 'm'))
        const elsewhere = await done(create('m', { room: 'other' }))
        for (const messageId of ['nothing', 'e', elsewhere.messageId])
          expect(await one(update(`to-${messageId}`, 'react', messageId, { body: '"x"' }))).toMatchObject({
            code: 'not_found',
          })
        const bob = update('b', 'react', 'm', { author: 'bob', body: '"x"' })
        expect(await one(bob)).toMatchObject({ code: 'not_found' })
      })
      it('lets only the author edit and delete, and those who moderate', async () => {
        const { messageId } = await done(create('m'))
        for (const kind of ['edit', 'delete'] as const) {
          const foreign = update(`b-${kind}`, kind, messageId, { author: 'bob' })
          expect(await one(foreign)).toMatchObject({ code: 'forbidden' })
        }
        const moderated = update('mod', 'delete', messageId, { author: 'bob', moderates: true })
        expect(await done(moderated)).toMatchObject({ version: 2 })
      })
      it('refuses an old baseVersion and shows the current value', async () => {
        await log.append([create('m'), update('e1', 'edit', 'm', { baseVersion: 1, body: '{"n":1}' })])
        const late = update('e2', 'edit', 'm', { baseVersion: 1, body: '{"n":2}' })
        expect(await one(late)).toMatchObject({
          ...{ code: 'conflict', currentVersion: 2, currentValue: '{"n":1}' },
        })
        expect(await done({ ...late, baseVersion: 2 })).toMatchObject({ version: 3 })
      })
      it('S111, S112: gives an unlocked edit to the later stamp, whatever arrives last', async () => {
        await done(create('m', { stamp: stampAt(time.now() - 5_000) }))
        const [early, late] = [stampAt(time.now() - 2_000), stampAt(time.now() - 1_000)]
        await done(update('late', 'edit', 'm', { stamp: late }))
        const loser = update('early', 'edit', 'm', { stamp: early })
        const answer = await done(loser)
        expect(answer).toMatchObject({ applied: false, dup: false })
        expect(answer).not.toHaveProperty('seq')
        expect(await done(loser)).toEqual({ ...answer, dup: true })
        expect(await present('m')).toMatchObject({ body: { text: 'late' }, version: 2 })
        expect((await head()).head).toBe(2)
      })
      it('keeps reactions as sets of (user, emoji)', async () => {
        const { messageId } = await done(create('m'))
        const react = (id: string, author: string, emoji: string, kind: Operation['kind'] = 'react') =>
          done(update(id, kind, messageId, { author, body: JSON.stringify(emoji) }))
        await react('1', 'alice', '👍')
        await react('2', 'bob', '👍')
        await react('3', '__proto__', '__proto__')
        expect(await react('4', 'bob', '👍')).toMatchObject({ applied: false })
        await react('5', 'alice', '👍', 'unreact')
        expect(await react('6', 'alice', '👍', 'unreact')).toMatchObject({ applied: false })
        const [first] = (await page()).items
        expect(first?.text).toContain('"reactions":{"👍":["bob"],"__proto__":["__proto__"]}')
        expect(await present('m')).toMatchObject({ version: 1, rev: 5 })
      })
      it('bounds the reactions of a message, so that it always fits a page', async () => {
        const { messageId } = await done(create('m'))
        const react = (i: number) =>
          update(`r${i}`, 'react', messageId, { author: `${i}${'€'.repeat(120)}`, body: '"👍"' })
        const outcomes = await log.append(Array.from({ length: 200 }, (_, i) => react(i)))
        const refused = outcomes.filter((outcome) => !outcome.done)
        expect(refused.length).toBeGreaterThan(10)
        for (const outcome of refused) expect(outcome).toMatchObject({ code: 'too_large' })
        const [item] = (await page({ limit: 1 })).items
        expect(Buffer.byteLength(item?.text ?? '')).toBeLessThan(66 * 1024)
      })
    })

    describe('pages', () => {
      const fill = (count: number, from = 0) =>
        log.append(Array.from({ length: count }, (_, i) => create(`m${from + i}`)))

      it('of an empty room have a cursor too', async () => {
        const empty = await page()
        expect(empty).toMatchObject({ items: [], prev: empty.cursor, seq: 0, head: 0, hasMore: false })
        expect((await head()).cursor).toBe(empty.cursor)
        await fill(1)
        expect((await page({ cursor: empty.cursor })).items).toHaveLength(1)
      })
      it('S66, S68: forward meet end to end and cover everything once', async () => {
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
        await log.append([update('e', 'edit', 'm5'), update('r', 'react', 'm5', { body: '"x"' })])
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
        expect((await page({ limit: 1 })).prev).toBe(first.prev)
      })
      it('are cut by their size, but never below one entry', async () => {
        const body = JSON.stringify('x'.repeat(WIRE.bodyBytes - 2))
        await log.append(Array.from({ length: 12 }, (_, i) => create(`big${i}`, { body })))
        for (const dir of ['forward', 'backward'] as const) {
          const part = await page({ dir })
          const bytes = part.items.reduce((sum, { text }) => sum + text.length, 0)
          expect(bytes).toBeLessThanOrEqual(WIRE.pageBytes)
          expect(part.items.length).toBe(7)
          expect(part.hasMore).toBe(true)
        }
      })
      it('hold one entry at least, however large', async () => {
        await log.append([
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
          expect(await log.page({ ...request, dir: 'forward', limit: 5 })).toEqual({ lost: reason, head: 3 })
          expect(await log.locate([request])).toMatchObject([{ head: 3, lost: reason }])
        }
        expect((await log.locate([{ room: 'general', cursor }]))[0]).not.toHaveProperty('lost')
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
    })

    describe('a place', () => {
      const fill = (count: number) => log.append(Array.from({ length: count }, (_, i) => create(`m${i + 1}`)))
      const around = async (place: Place, limit = 4) => {
        const found = await log.around('general', place, limit)
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
        const middle = await log.around('general', { seq: 5 }, 4)
        const below = await page({ dir: 'backward', limit: 2, cursor: middle?.prev ?? '' })
        expect(below.items.map(({ seq }) => seq)).toEqual([2, 3])
        const above = await page({ limit: 2, cursor: middle?.cursor ?? '' })
        expect(above.items.map(({ seq }) => seq)).toEqual([8, 9])
        expect(middle).toMatchObject({ seq: 7, head: 10 })
      })
      it('is the first entry that is not older than a time, or the head', async () => {
        for (const n of [1, 2, 3]) {
          await done(create(`t${n}`))
          await time.advance(MINUTE)
        }
        const second = time.now() - 2 * MINUTE
        expect(await around({ ts: second }, 1)).toMatchObject({ at: 2 })
        expect(await around({ ts: second + 1 }, 1)).toMatchObject({ at: 3 })
        expect(await around({ ts: 0 }, 1)).toMatchObject({ at: 1 })
        expect(await around({ ts: time.now() + DAY }, 1)).toMatchObject({ at: 3 })
      })
      it('is a message by its id, or by the operation of the one who asks', async () => {
        await fill(6)
        await log.append([update('e', 'edit', 'm3')])
        const id = messageIdOf('general', 'alice', 'm3')
        for (const author of ['alice', 'bob'])
          expect(await around({ messageId: id, author })).toMatchObject({ at: 3 })
        expect(await around({ messageId: 'm3', author: 'alice' })).toMatchObject({ at: 3 })
        expect(await around({ messageId: 'm3', author: 'bob' })).toBeUndefined()
        expect(await around({ messageId: 'e', author: 'alice' })).toBeUndefined()
        expect(await log.around('other', { messageId: id, author: 'alice' }, 4)).toBeUndefined()
      })
      it('counts messages, not operations, and shows them as they are now', async () => {
        await fill(3)
        await log.append([1, 2, 3].map((n) => update(`r${n}`, 'react', 'm3', { body: `"${n}"` })))
        await log.append([create('m4'), create('m5')])
        const found = await log.around('general', { seq: 3 }, 4)
        expect(found?.items.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8])
        expect(JSON.parse(found?.items[1]?.text ?? '')).toMatchObject({ id: 'm3', rev: 6 })
      })
      it('fits a page, however large what lies around it', async () => {
        const body = JSON.stringify('x'.repeat(WIRE.bodyBytes - 2))
        await log.append(Array.from({ length: 20 }, (_, i) => create(`big${i}`, { body })))
        const found = await log.around('general', { seq: 10 }, 500)
        const bytes = (found?.items ?? []).reduce((sum, { text }) => sum + text.length, 0)
        expect(bytes).toBeLessThanOrEqual(WIRE.pageBytes)
        expect(found?.items.map(({ seq }) => seq)).toEqual([8, 9, 10, 11, 12, 13, 14])
      })
      it('of an empty room is its start', async () => {
        const { cursor } = await head()
        expect(await log.around('general', { ts: 5 }, 4)).toEqual({
          ...{ items: [], prev: cursor, cursor, seq: 0, hasMore: false, head: 0, at: 0 },
        })
      })
    })

    describe('reading by timestamps', () => {
      it('S67: is inclusive and ascending, and gets past equal timestamps', async () => {
        const appended = 120
        for (let i = 0; i < appended; i += 40) {
          await log.append(Array.from({ length: 40 }, (_, n) => create(`m${i + n}`)))
          await time.advance(1)
        }
        const known = new Set<string>()
        let since = 0
        for (let rounds = 0; rounds < 50; rounds++) {
          const part = await log.since('general', since, 20)
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
        await log.append(Array.from({ length: 20 }, (_, i) => create(`big${i}`, { body })))
        const first = await log.since('general', 0, 500)
        const rows: { ts: number }[] = first.items.map(({ text }) => JSON.parse(text))
        expect(rows).toHaveLength(16)
        expect(first.hasMore).toBe(true)
        const rest = await log.since('general', (rows[0]?.ts ?? 0) + 1, 500)
        expect(rest.items).toHaveLength(4)
      })
      it('of the future is empty', async () => {
        await done(create('a'))
        expect(await log.since('general', time.now() + DAY, 5)).toMatchObject({ items: [], hasMore: false })
      })
    })
  })
}
