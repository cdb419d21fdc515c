import { describe, expect, it } from 'vitest'
import type { Operation } from '../../src/index.js'
import { messageIdOf } from '../../src/index.js'
import type { LogBench } from './bench.js'

/** What becomes of messages that are changed. */
export function changingLaws(bench: LogBench): void {
  const { time, log, stampAt, create, update } = bench
  const { one, done, page, entries, head } = bench
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
      await log().append([
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
        expect(await one(update('late-edit', 'edit', 'm', { body: '"secret 3"', ...locked }))).toMatchObject({
          code: 'deleted',
        })
      expect(await entries()).toHaveLength(4)
    })
    it('resolves a chain of earlier ids within one array', async () => {
      const outcomes = await log().append([
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
    it('S116: refuses an old baseVersion and shows the current value', async () => {
      await log().append([create('m'), update('e1', 'edit', 'm', { baseVersion: 1, body: '{"n":1}' })])
      const late = update('e2', 'edit', 'm', { baseVersion: 1, body: '{"n":2}' })
      expect(await one(late)).toMatchObject({
        ...{ code: 'conflict', currentVersion: 2, currentValue: '{"n":1}' },
      })
      expect(await done({ ...late, baseVersion: 2 })).toMatchObject({ version: 3 })
    })
    it('S111, S112: gives an unlocked edit to the later stamp, whatever arrives last', async () => {
      await done(create('m', { stamp: stampAt(time().now() - 5_000) }))
      const [early, late] = [stampAt(time().now() - 2_000), stampAt(time().now() - 1_000)]
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
      const outcomes = await log().append(Array.from({ length: 200 }, (_, i) => react(i)))
      const refused = outcomes.filter((outcome) => !outcome.done)
      expect(refused.length).toBeGreaterThan(10)
      for (const outcome of refused) expect(outcome).toMatchObject({ code: 'too_large' })
      const [item] = (await page({ limit: 1 })).items
      expect(Buffer.byteLength(item?.text ?? '')).toBeLessThan(66 * 1024)
    })
  })
}
