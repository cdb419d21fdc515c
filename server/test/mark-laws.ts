import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Log, Mark, MarkClaim, Marks, Operation } from '../src/index.js'
import { messageIdOf } from '../src/index.js'
import type { LogUnderTest } from './log-laws/index.js'
import { createTimeline } from './support/timeline.js'

/** What every log that keeps read marks has to keep of them. */
export function markLaws(name: string, subject: LogUnderTest): void {
  let log: Log
  let marks: Marks
  let written = 0

  const write = (author: string, more: Partial<Operation> = {}): Operation => ({
    ...{ room: 'general', author, id: `op${++written}`, kind: 'create', stamp: '0mabcdefg0000node-------' },
    body: '"hi"',
    ...more,
  })
  const fill = (author: string, count: number, more: Partial<Operation> = {}) =>
    log.append(Array.from({ length: count }, () => write(author, more)))
  const claim = (user: string, upTo: number, more: Partial<MarkClaim> = {}): MarkClaim => ({
    ...{ room: 'general', user, upTo, readAt: 1_000 },
    ...more,
  })
  const all = async (room = 'general') =>
    Object.fromEntries((await marks.of(room)).map(({ user, upTo }) => [user, upTo]))
  const standing = async (reader: string, room = 'general') => (await log.locate([{ room, reader }]))[0]
  const followed = () => {
    const told: (readonly Mark[])[] = []
    marks.follow((moved) => told.push(moved))
    return told
  }

  describe(`${name} as a keeper of read marks`, () => {
    beforeEach(async () => {
      log = await subject.open(createTimeline())
      if (!log.marks) throw new Error('This log keeps no marks.')
      marks = log.marks
      await fill('alice', 10)
    })
    afterEach(async () => {
      await log.close()
      await subject.clean()
    })

    it('keeps a mark for each user and room', async () => {
      await fill('alice', 2, { room: 'other' })
      await marks.raise([claim('bob', 3), claim('carol', 5), claim('bob', 2, { room: 'other' })])
      expect(await all()).toEqual({ bob: 3, carol: 5 })
      expect(await all('other')).toEqual({ bob: 2 })
      expect(await all('unheard of')).toEqual({})
    })
    it('only rises, whatever comes in whatever order', async () => {
      await marks.raise([claim('bob', 5), claim('bob', 3), claim('bob', 7)])
      await marks.raise([claim('bob', 6)])
      expect(await all()).toEqual({ bob: 7 })
    })
    it('never passes the head of the room', async () => {
      await marks.raise([claim('bob', 1_000), claim('bob', 9, { room: 'empty' })])
      expect(await all()).toEqual({ bob: 10 })
      expect(await all('empty')).toEqual({})
    })
    it('takes messages by their ids and leaves out those that the room does not have', async () => {
      await fill('alice', 1, { room: 'other', id: 'elsewhere' })
      const [third] = await log.append([write('alice', { id: 'named' })])
      const messageIds = [
        ...['nothing', messageIdOf('other', 'alice', 'elsewhere')],
        ...[messageIdOf('general', 'alice', 'named')],
      ]
      expect(third).toMatchObject({ messageId: messageIds[2], seq: 11 })
      await marks.raise([{ room: 'general', user: 'bob', readAt: 1, messageIds }])
      await marks.raise([{ room: 'general', user: 'carol', readAt: 1, messageIds: ['nothing'] }])
      expect(await all()).toEqual({ bob: 11 })
    })
    it('tells what moved, once, and nothing of what did not', async () => {
      const told = followed()
      await marks.raise([claim('bob', 3), claim('bob', 4, { readAt: 2_000 }), claim('carol', 5)])
      await marks.raise([claim('bob', 4), claim('carol', 1)])
      expect(told).toHaveLength(1)
      expect([...(told[0] ?? [])].sort((a, b) => a.upTo - b.upTo)).toEqual([
        { room: 'general', user: 'bob', upTo: 4, readAt: 2_000 },
        { room: 'general', user: 'carol', upTo: 5, readAt: 1_000 },
      ])
    })
    it('keeps users apart whose names and rooms run into each other', async () => {
      await fill('alice', 1, { room: 'a:b' })
      await fill('alice', 1, { room: 'a' })
      await marks.raise([
        claim('c', 1, { room: 'a:b' }),
        claim('b:c', 1, { room: 'a' }),
        claim('__proto__', 4),
      ])
      expect(await all('a:b')).toEqual({ c: 1 })
      expect(await all('a')).toEqual({ 'b:c': 1 })
      expect((await marks.of('general')).map(({ user }) => user)).toEqual(['__proto__'])
    })
    it('counts what others wrote after the mark', async () => {
      await fill('bob', 2)
      expect(await standing('bob')).toMatchObject({ head: 12, mark: 0, unread: 10 })
      await marks.raise([claim('bob', 4)])
      expect(await standing('bob')).toMatchObject({ mark: 4, unread: 6 })
      expect(await standing('alice')).toMatchObject({ mark: 0, unread: 2 })
      await marks.raise([claim('bob', 12)])
      expect(await standing('bob')).toMatchObject({ mark: 12, unread: 0 })
      expect(await standing('bob', 'empty')).toMatchObject({ head: 0, mark: 0, unread: 0 })
    })
    it('counts what the server wrote itself', async () => {
      await log.append([write('server', { id: 'said', kind: 'system' })])
      expect(await standing('bob')).toMatchObject({ head: 11, unread: 11 })
    })
    it('leaves operations and deleted messages out of the count', async () => {
      await log.append([
        write('alice', { id: 'gone' }),
        write('alice', { kind: 'react', messageId: messageIdOf('general', 'alice', 'gone'), body: '"x"' }),
        write('alice', { kind: 'delete', messageId: messageIdOf('general', 'alice', 'gone') }),
      ])
      expect(await standing('bob')).toMatchObject({ head: 13, unread: 10 })
    })
    it('counts to 1,000', async () => {
      await fill('alice', 1_200)
      expect(await standing('bob')).toMatchObject({ unread: 1_000 })
      await marks.raise([claim('bob', 300)])
      expect(await standing('bob')).toMatchObject({ unread: 910 })
    })
    it('says nothing of marks to who asks without a reader', async () => {
      const [plain] = await log.locate([{ room: 'general' }])
      expect(plain).not.toHaveProperty('mark')
      expect(plain).not.toHaveProperty('unread')
    })
  })
}
