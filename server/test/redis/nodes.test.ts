import { formatStamp } from 'tidings/protocol'
import { expect, it } from 'vitest'
import { LIBRARY } from '../../src/redis/library.js'
import { PART } from '../../src/redis/record.js'
import { busLaws } from '../bus-laws.js'
import { startBalancer } from '../support/balancer.js'
import { createOperation } from '../support/operations.js'
import { describeRedis, freshPrefix, ownRedis } from '../support/redis.js'
import { createTimeline } from '../support/timeline.js'
import { until } from '../support/until.js'
import { onRedis } from './on-redis.js'

describeRedis('on Redis', () => {
  const bench = onRedis()

  busLaws('what Redis carries', () => ({
    node: async () => (await bench.node()).bus,
    until,
    clean: async () => {},
  }))
})

/** Nobody listens there. */
const NOWHERE = 1

describeRedis('nodes on one Redis', () => {
  const bench = onRedis()
  const { node } = bench
  const startOwn = ownRedis()

  const seqsOf = (told: readonly { readonly seq: number }[]) => told.map(({ seq }) => seq)
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
  /** Everything that Redis holds of this test, as one text. */
  const everything = async () => {
    const keys = await bench.redis.ask('KEYS', `${bench.prefix}:*`)
    const texts = (Array.isArray(keys) ? keys : []).map(async (key) => {
      const isStream = (await bench.redis.ask('TYPE', String(key))) === 'stream'
      return isStream
        ? bench.redis.ask('XRANGE', String(key), '-', '+')
        : bench.redis.ask('HGETALL', String(key))
    })
    return JSON.stringify(await Promise.all(texts))
  }

  it('S115: tell each entry once and in order, whoever wrote it, before it is acknowledged', async () => {
    const nodes = await Promise.all([node(), node(), node()])
    await Promise.all(nodes.map(({ bus }) => bus.enter('general')))
    await Promise.all(
      nodes.flatMap(({ log, told }, n) =>
        upTo(50).map(async (i) => {
          const [outcome] = await log.append([createOperation(`${n}.${i}`)])
          expect(outcome?.done && seqsOf(told).includes(outcome.seq ?? 0)).toBe(true)
        }),
      ),
    )
    for (const { told } of nodes) {
      await until(() => told.length >= 150)
      expect(seqsOf(told)).toEqual(upTo(150))
      for (const [i, entry] of told.entries()) if (i > 0) expect(entry.prev).toBe(told[i - 1]?.cursor)
    }
  })

  it('name a place otherwise where anything before it was another', async () => {
    const now = Date.UTC(2026, 0, 1)
    const stamp = formatStamp(now, 0, 'node-------')
    const cursors = ['a', 'b'].map(async (first) => {
      const { log } = await node({ prefix: freshPrefix(), now: () => now })
      await log.append([createOperation(first, { stamp }), createOperation('same', { stamp })])
      return (await log.locate([{ room: 'general' }]))[0]?.cursor
    })
    const [one, other] = await Promise.all(cursors)
    expect(one).not.toBe(other)
  })

  it('S158, S160: hear nothing of rooms that they left, however often others come in', async () => {
    const [writer, reader] = await Promise.all([node(), node()])
    await Promise.all([reader.bus.enter('general'), reader.bus.enter('general')])
    await writer.log.append([createOperation('a')])
    await until(() => reader.told.length === 1)
    reader.bus.leave('general')
    await writer.log.append([createOperation('b')])
    await until(() => reader.told.length === 2)
    reader.bus.leave('general')
    await reader.bus.enter('other')
    await writer.log.append([createOperation('c')])
    await writer.log.append([createOperation('d', { room: 'other' })])
    await until(() => reader.told.length === 3)
    expect(reader.told.map(({ id }) => id)).toEqual(['a', 'b', 'd'])
  })

  it('S161, S180: tell what the channel lost, as soon as it is back', async () => {
    const [writer, reader] = await Promise.all([node(), node()])
    await reader.bus.enter('general')
    await writer.log.append([createOperation('before')])
    await until(() => reader.told.length === 1)
    for (let round = 1; round <= 5; round++) {
      const lost = bench.redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await Promise.all(upTo(20).map((i) => writer.log.append([createOperation(`${round}.${i}`)])))
      await lost
    }
    await until(() => reader.told.length >= 101)
    expect(seqsOf(reader.told)).toEqual(upTo(101))
  })

  it('S163: go on at once when something on the channel is none of theirs', { timeout: 20_000 }, async () => {
    const [writer, reader] = await Promise.all([node(), node()])
    await reader.bus.enter('general')
    const channel = `${bench.prefix}:{general}:c`
    const garbage = [
      '',
      'x',
      'e',
      `e${PART}`,
      `eother${PART}nothing`,
      `eother${PART}1${PART}2`,
      `mother${PART}{`,
    ]
    const more = ['t', 'p', 'g'].flatMap((kind) => [`${kind}other${PART}{`, `${kind}other${PART}{"acts":1}`])
    for (const text of [...garbage, ...more]) expect(await bench.redis.ask('SPUBLISH', channel, text)).toBe(1)
    await writer.log.append([createOperation('after')])
    await until(() => reader.told.length === 1)
    expect(reader.told.map(({ id }) => id)).toEqual(['after'])
  })

  it('tell what they missed while Redis was out of reach, whichever connection is back first', async () => {
    const way = await startBalancer([bench.redis.port])
    const url = `redis://127.0.0.1:${way.port}`
    // Its clock stands still: nothing is found by looking every half minute.
    const [writer, reader] = [await node(), await node({ url, clock: createTimeline() })]
    await reader.bus.enter('general')
    for (const round of upTo(6)) {
      way.route([NOWHERE])
      way.cut()
      await writer.log.append([createOperation(`${round}`)])
      way.route([bench.redis.port, NOWHERE])
      await until(() => reader.told.length === round)
      way.route([bench.redis.port])
      await until(() => reader.log.locate([{ room: 'general' }]).then(Boolean, () => false))
    }
    await way.close()
  })

  it('tell what the channel lost without a word, within half a minute', async () => {
    const time = createTimeline()
    const [writer, reader] = [await node(), await node({ clock: time })]
    await reader.bus.enter('general')
    await writer.log.append([createOperation('a')])
    await until(() => reader.told.length === 1)
    const silent = LIBRARY.replaceAll("redis.call('SPUBLISH'", "tostring('SPUBLISH'")
    for (const round of [1, 2]) {
      await bench.redis.ask('FUNCTION', 'LOAD', 'REPLACE', silent)
      await writer.log.append([createOperation(`lost ${round}`)])
      await bench.redis.ask('FUNCTION', 'LOAD', 'REPLACE', LIBRARY)
      await time.advance(29_000)
      // Had it asked, the answer would be here before this one.
      await reader.log.locate([{ room: 'general' }])
      expect(reader.told).toHaveLength(round)
      await time.advance(1_000)
      await until(() => reader.told.length === round + 1)
    }
    expect(reader.told.map(({ id }) => id)).toEqual(['a', 'lost 1', 'lost 2'])
    expect(seqsOf(reader.told)).toEqual([1, 2, 3])
  })

  it('write what waits for one room in one call', async () => {
    const { log } = await node()
    const callsOf = async () =>
      Number(
        /cmdstat_fcall:calls=(\d+)/.exec(String(await bench.redis.ask('INFO', 'commandstats')))?.[1] ?? 0,
      )
    const before = await callsOf()
    await Promise.all(upTo(200).map((i) => log.append([createOperation(`m${i}`)])))
    expect((await callsOf()) - before).toBeLessThanOrEqual(3)
  })

  it('S178, S190: keep so many entries of a room and no more, and tell who comes from before them', async () => {
    const { log, told } = await node({ keep: 10 })
    await log.append(upTo(25).map((i) => createOperation(`m${i}`)))
    expect(await bench.redis.ask('XLEN', `${bench.prefix}:{general}:l`)).toBe(10)
    expect(await bench.redis.ask('HLEN', `${bench.prefix}:{general}:r`)).toBe(10)
    const cursor = told[3]?.cursor ?? ''
    expect(await log.locate([{ room: 'general', cursor }])).toMatchObject([
      { head: 25, first: 16, lost: 'trimmed' },
    ])
    expect(await log.page({ room: 'general', dir: 'forward', limit: 5, cursor })).toEqual({
      ...{ lost: 'trimmed', head: 25 },
    })
    const edge = told[14]?.cursor ?? ''
    const page = await log.page({ room: 'general', dir: 'forward', limit: 500, cursor: edge })
    expect('items' in page && seqsOf(page.items)).toEqual(upTo(25).slice(15))
    const newest = await log.page({ room: 'general', dir: 'backward', limit: 500 })
    expect(newest).toMatchObject({ hasMore: false, prev: edge })
  })

  it('keep as many as is said of a room, and refuse to write where that is no number', async () => {
    const { log } = await node({ keep: (room) => ({ short: 3, all: 0, wrong: -1 })[room] ?? 5 })
    const kept = async (room: string) => {
      await log.append(upTo(8).map((i) => createOperation(`m${i}`, { room })))
      return bench.redis.ask('XLEN', `${bench.prefix}:{${room}}:l`)
    }
    expect([await kept('short'), await kept('all'), await kept('other')]).toEqual([3, 8, 5])
    await expect(kept('wrong')).rejects.toThrow(RangeError)
    expect(await kept('short')).toBe(3)
    await expect(node({ keep: 1.5 })).rejects.toThrow('keep is a whole number')
  })

  it('know the ids of entries that they do not keep any more', async () => {
    const { log } = await node({ keep: 3 })
    const first = createOperation('m1')
    const [answer] = await log.append([first])
    const reply = createOperation('reply', { replyTo: 'm1' })
    const [replied] = await log.append([reply])
    await log.append(upTo(10).map((i) => createOperation(`later${i}`)))
    expect(await log.append([first, reply])).toEqual([
      ...[
        { ...answer, dup: true },
        { ...replied, dup: true },
      ],
    ])
    expect(await log.append([createOperation('m1', { body: '"other"' })])).toMatchObject([
      { code: 'id_conflict' },
    ])
  })

  it('forget operations that changed nothing when they forget the ids of what is gone', async () => {
    const { log } = await node({ forgetMs: 1_000 })
    expect(log.dedupeMs).toBe(1_000)
    const react = (id: string) => createOperation(id, { kind: 'react', messageId: 'm', body: '"+1"' })
    await log.append([createOperation('m'), react('first'), react('again')])
    expect(await log.append([react('again')])).toMatchObject([{ dup: true, applied: false }])
    await until(async () => !(await everything()).includes('again'))
    expect(await everything()).toContain('first')
  })

  it('keep no body of a deleted message anywhere', async () => {
    const { log } = await node()
    await log.append([
      ...[
        createOperation('m', { body: '"secret 1"' }),
        createOperation('e', { kind: 'edit', messageId: 'm', body: '"secret 2"' }),
      ],
    ])
    expect(await everything()).toContain('secret')
    await log.append([createOperation('d', { kind: 'delete', messageId: 'm' })])
    expect(await everything()).not.toContain('secret')
  })

  it('bring their functions to a Redis that forgot them', async () => {
    const { log } = await node()
    await bench.redis.ask('FUNCTION', 'FLUSH')
    expect(await log.append([createOperation('a')])).toMatchObject([{ done: true, seq: 1 }])
  })

  it('refuse at once while Redis is gone, and go on when it is back', async () => {
    const own = await startOwn()
    const { log } = await node({ url: own.url })
    await log.append([createOperation('a')])
    await own.kill()
    await expect(log.append([createOperation('b')])).rejects.toThrow()
    await own.start()
    await until(() =>
      log.append([createOperation('c')]).then(
        () => true,
        () => false,
      ),
    )
  })

  it('S162: keep rooms apart whose names hold braces', async () => {
    const { log } = await node()
    for (const room of ['a', '{a}', '}', '%7b', '{', 'a}:r'])
      expect(await log.append([createOperation('m', { room })])).toMatchObject([{ seq: 1 }])
  })
})
