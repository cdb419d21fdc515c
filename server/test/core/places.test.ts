import { formatStamp } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createMemoryLog, messageIdOf } from '../../src/index.js'
import { type Bench, createBench } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'

const fill = (bench: Bench, count: number) =>
  bench.log.append(
    Array.from({ length: count }, (_, i) => ({
      ...{ room: 'general', author: 'bob', id: `m${i + 1}`, kind: 'create' as const },
      ...{ stamp: formatStamp(bench.time.now(), i, 'bobs-clock-'), body: String(i + 1) },
    })),
  )
const id = (n: number) => messageIdOf('general', 'bob', `m${n}`)
const ask = (around: { seq?: number; ts?: number; messageId?: string }) =>
  ({ type: 'sync_request', id: 'q', room: 'general', limit: 4, around }) as const

describe('a place that a client asks for', () => {
  it('is answered by one page around it, for rooms that are not followed as well', async () => {
    const bench = createBench()
    await fill(bench, 10)
    const alice = await bench.join('alice')
    await alice.send(ask({ messageId: id(5) }))
    const [page] = alice.takeOnly('sync_response')
    expect(page?.messages.map(({ seq }) => seq)).toEqual([4, 5, 6, 7])
    expect(page).toMatchObject({ id: 'q', seq: 7, head: 10, hasMore: true })
    await alice.send({ type: 'sync_credit', id: 'q', pages: 5 })
    expect(alice.take()).toEqual([])
  })
  it('with nothing named is the head', async () => {
    const bench = createBench()
    await fill(bench, 10)
    const alice = await bench.join('alice')
    await alice.send(ask({}))
    expect(alice.takeOnly('sync_response')).toMatchObject([{ seq: 10, head: 10 }])
  })
  it('that this user may not see is not found, as one that is not there', async () => {
    const bench = createBench({ sees: (user, { seq }) => user !== 'alice' || seq !== 5 })
    await fill(bench, 10)
    const alice = await bench.join('alice')
    for (const messageId of [id(5), 'nothing']) {
      await alice.send(ask({ messageId }))
      expect(alice.take()).toEqual([
        ...[
          {
            type: 'error',
            code: 'not_found',
            message: 'There is no such message.',
            retryable: false,
            re: 'q',
          },
        ],
      ])
    }
    await alice.send(ask({ messageId: id(6) }))
    expect(alice.takeOnly('sync_response')[0]?.messages.map(({ seq }) => seq)).toEqual([6, 7, 8])
  })
  it('in a room that this user may not read is refused', async () => {
    const bench = createBench({ authorize: ({ user }) => (user === 'alice' ? 'not_member' : 'allow') })
    await fill(bench, 10)
    const alice = await bench.join('alice')
    await alice.send(ask({ messageId: id(5) }))
    expect(alice.take()).toMatchObject([{ type: 'error', code: 'not_member', re: 'q' }])
  })
  it('in a log that cannot be read is refused for now', async () => {
    const time = createTimeline()
    const log = { ...createMemoryLog({ clock: time }), around: () => Promise.reject(new Error('no disk')) }
    const bench = createBench({ time, log })
    const alice = await bench.join('alice')
    await alice.send(ask({ seq: 1 }))
    expect(alice.take()).toMatchObject([{ type: 'error', code: 'unavailable', retryable: true, re: 'q' }])
  })
})

describe('a reader who asks for one page after the other', () => {
  it('gets each page that is pushed as a text of its own, so that none keeps a page of the browser busy for many', async () => {
    const bench = createBench()
    await bench.log.append(
      Array.from({ length: 400 }, (_, i) => ({
        ...{ room: 'general', author: 'bob', id: `m${i + 1}`, kind: 'create' as const },
        ...{ stamp: formatStamp(bench.time.now(), i, 'bobs-clock-'), body: JSON.stringify('x'.repeat(300)) },
      })),
    )
    const alice = await bench.join('alice')
    const before = alice.texts.length
    await alice.send({ type: 'sync_request', id: 'q', room: 'general', limit: 100, pages: 3 })
    await bench.time.advance(100)
    expect(alice.takeOnly('sync_response').map(({ seq }) => seq)).toEqual([100, 200, 300, 400])
    expect(alice.texts.length - before).toBe(4)
  })
  it('ends the pages of a request with the same id, as any other request does', async () => {
    const bench = createBench()
    await fill(bench, 3)
    const alice = await bench.join('alice')
    const request = { type: 'sync_request', id: 's', room: 'general', limit: 1 } as const
    for (const place of [{ around: { seq: 3 } }, { lastSyncTimestamp: bench.time.now() + 1 }]) {
      await alice.send(request)
      await alice.send({ ...request, ...place })
      alice.take()
      await alice.send({ type: 'sync_credit', id: 's', pages: 1 })
      expect(alice.take()).toEqual([])
    }
  })
  it('never runs out of streams: those that wait for credit make room', async () => {
    const bench = createBench({ limits: { streamsPerConnection: 4 } })
    await fill(bench, 40)
    const alice = await bench.join('alice')
    let cursor: string | undefined
    const seen: number[] = []
    for (let i = 0; i < 20; i++) {
      const named = cursor === undefined ? {} : { cursor }
      await alice.send({
        type: 'sync_request',
        id: `q${i}`,
        room: 'general',
        dir: 'backward',
        limit: 2,
        ...named,
      })
      const [page] = alice.takeOnly('sync_response')
      seen.unshift(...(page?.messages ?? []).flatMap(({ seq }) => seq ?? []))
      cursor = page?.prev ?? undefined
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  })
})
