import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Archive, ArchiveBatch } from '../src/archive/seam.js'
import type { Row } from '../src/log/store.js'

/** An archive under test: `open` opens the same one again, as another process would. */
export interface ArchiveUnderTest {
  open(): Promise<Archive>
  clean(): Promise<void>
}

const ROOM = 'general'
const markOf = (seq: number, branch = '') => `${branch}mark${seq}`.padEnd(8, '.')

/** A message, or an operation on one. */
const row = (seq: number, more: Partial<Row> = {}): Row => ({
  ...{ room: ROOM, seq, messageId: `m${seq}`, author: 'alice', id: `id${seq}`, kind: 'create' },
  ...{ stamp: `0mabcdefg${String(seq).padStart(4, '0')}node-------`, ts: 1_750_000_000_000 + seq },
  ...{ body: JSON.stringify({ text: `text ${seq}` }), version: 1, targetId: null, targetSeq: null },
  ...{ targetStamp: null, edited: 0, deleted: 0, reactions: null, rev: seq, editStamp: null, editId: null },
  ...{ digest: `digest${seq}`, mark: markOf(seq) },
  ...more,
})
const on = (target: number, seq: number, kind: 'edit' | 'delete' | 'react', more: Partial<Row> = {}): Row =>
  row(seq, {
    ...{ kind, targetId: `m${target}`, targetSeq: target, targetStamp: row(target).stamp, rev: null },
    ...{ version: kind === 'react' ? null : 2, ...(kind === 'delete' && { body: null }) },
    ...more,
  })
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => row(from + i))
const batch = (rows: readonly Row[], seen: number, more: Partial<ArchiveBatch> = {}): ArchiveBatch => ({
  ...{ room: rows[0]?.room ?? ROOM, seen, rows, changed: [] },
  before: markOf((rows[0]?.seq ?? 0) - 1),
  ...more,
})

/** What every archive has to keep. */
export function archiveLaws(name: string, subject: ArchiveUnderTest): void {
  describe(`${name} as an archive`, () => {
    let archive: Archive
    let others: Archive[]
    beforeEach(async () => {
      archive = await subject.open()
      others = []
    })
    afterEach(async () => {
      await Promise.all([archive, ...others].map((each) => each.close()))
      await subject.clean()
    })
    const all = (room = ROOM) => archive.range(room, 1, 1_000)
    const another = async () => {
      const opened = await subject.open()
      others.push(opened)
      return opened
    }

    it('knows nothing of a room of which nothing was stored', async () => {
      expect(await archive.end(ROOM)).toBeUndefined()
      expect(await all()).toEqual([])
      expect(await archive.find(ROOM, 'm1')).toBeUndefined()
    })
    it('gives back to the letter what was stored, and where it ends', async () => {
      const rows = [
        row(1, { body: '{"text":"\\u0000 Ω 😀 \\ud800","n":1e-7}', author: "o'hara; drop table x; --" }),
        row(2, {
          kind: 'system',
          edited: 1,
          reactions: '{"👍":["bob"]}',
          editStamp: row(9).stamp,
          editId: 'e',
        }),
        on(1, 3, 'edit'),
        row(4, { deleted: 1, body: null, stamp: row(2).stamp, ts: 2 ** 52, targetId: 'm1', targetSeq: 1 }),
      ]
      expect(await archive.store(batch(rows, 0))).toBe(true)
      expect(await all()).toEqual(rows)
      const end = { first: 1, before: markOf(0), head: 4, mark: markOf(4), ts: 2 ** 52, stored: 1 }
      expect(await archive.end(ROOM)).toEqual({ ...end, stamp: row(3).stamp })
      expect(await archive.find(ROOM, 'm2')).toEqual(rows[1])
      expect(await archive.range(ROOM, 2, 3)).toEqual(rows.slice(1, 3))
    })
    it('grows a room batch by batch, wherever its history begins', async () => {
      await archive.store(batch(upTo(11, 13), 0))
      await archive.store(batch(upTo(14, 15), 1))
      expect(await all()).toEqual(upTo(11, 15))
      expect(await archive.end(ROOM)).toMatchObject({ first: 11, before: markOf(10), head: 15, stored: 2 })
    })
    it('takes many entries at once', async () => {
      await archive.store(batch(upTo(1, 300), 0))
      expect(await archive.range(ROOM, 1, 1_000)).toEqual(upTo(1, 300))
    })
    it('keeps rooms apart, whatever they are called', async () => {
      for (const room of ['a', 'A', '__proto__', "'; --", 'Ω😀'])
        expect(await archive.store(batch([row(1, { room, author: room })], 0))).toBe(true)
      expect(await all('a')).toEqual([row(1, { room: 'a', author: 'a' })])
      expect(await archive.find('__proto__', 'm1')).toMatchObject({ author: '__proto__' })
      expect(await archive.find('b', 'm1')).toBeUndefined()
    })
    it('takes nothing from a writer who has not seen what others stored', async () => {
      await archive.store(batch(upTo(1, 3), 0))
      const other = await another()
      expect(await other.store(batch(upTo(1, 5), 0))).toBe(false)
      expect(await other.store(batch(upTo(4, 5), 2))).toBe(false)
      expect(await all()).toEqual(upTo(1, 3))
      expect(await other.store(batch(upTo(4, 5), 1))).toBe(true)
      expect(await archive.store(batch([row(4, { body: '"late"' })], 1))).toBe(false)
      expect(await all()).toEqual(upTo(1, 5))
    })
    it('lets one of several writers win who store at the same moment, and has each position once', async () => {
      const writers = [archive, await another(), await another()]
      for (let seen = 0; seen < 5; seen++) {
        const stored = await Promise.all(writers.map((writer) => writer.store(batch([row(seen + 1)], seen))))
        expect(stored.filter((did) => did)).toHaveLength(1)
      }
      expect(await all()).toEqual(upTo(1, 5))
    })
    it('takes nothing that does not follow, and keeps nothing of it', async () => {
      await archive.store(batch(upTo(3, 5), 0))
      const wrong = [batch(upTo(7, 8), 1), batch(upTo(2, 8), 1), batch([row(6)], 1, { before: 'another.' })]
      for (const each of [...wrong, batch([row(3)], 1, { before: 'another.' })])
        await expect(archive.store(each)).rejects.toThrow('does not follow')
      expect(await all()).toEqual(upTo(3, 5))
      expect(await archive.store(batch([row(6)], 1))).toBe(true)
    })
    it('replaces what stood at the positions of a batch and behind them', async () => {
      await archive.store(batch(upTo(1, 6), 0))
      const others = [4, 5].map((seq) => row(seq, { messageId: `other${seq}`, mark: markOf(seq, 'x') }))
      expect(await archive.store(batch(others, 1))).toBe(true)
      expect(await all()).toEqual([...upTo(1, 3), ...others])
      expect(await archive.end(ROOM)).toMatchObject({ head: 5, mark: markOf(5, 'x') })
      expect(await archive.find(ROOM, 'm6')).toBeUndefined()
    })
    it('shows a message as it is now, after what came later', async () => {
      await archive.store(batch(upTo(1, 3), 0))
      const edited = row(2, { body: '"new"', version: 2, edited: 1, rev: 4, editStamp: 's', editId: 'e' })
      await archive.store(batch([on(2, 4, 'edit')], 1, { changed: [edited] }))
      expect(await all()).toEqual([row(1), edited, row(3), on(2, 4, 'edit')])
    })
    it('keeps no body of a message that was deleted, nor those of its edits', async () => {
      const edits = [on(1, 2, 'edit', { body: '"secret"' }), on(1, 3, 'edit', { body: '"secret"' })]
      const kept = [row(4), on(4, 5, 'edit')]
      await archive.store(batch([row(1, { body: '"secret"' }), ...edits, ...kept], 0))
      const gone = row(1, { body: null, deleted: 1, version: 3, rev: 6 })
      await archive.store(batch([on(1, 6, 'delete')], 1, { changed: [gone] }))
      expect(JSON.stringify(await all())).not.toContain('secret')
      expect((await all()).map(({ body }) => body !== null)).toEqual([false, false, false, true, true, false])
    })
    it('finds the newest of those that have one id', async () => {
      await archive.store(batch([row(1), row(2, { messageId: 'm1' })], 0))
      expect(await archive.find(ROOM, 'm1')).toMatchObject({ seq: 2 })
    })
    it('still has everything when it is opened again', async () => {
      await archive.store(batch(upTo(1, 3), 0))
      const other = await another()
      expect(await other.range(ROOM, 1, 9)).toEqual(upTo(1, 3))
      expect(await other.end(ROOM)).toEqual(await archive.end(ROOM))
    })
  })
}
