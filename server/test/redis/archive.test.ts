import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createMemoryArchive } from '../../src/archive/memory.js'
import type { Archive, Committed, Log, Operation } from '../../src/index.js'
import { messageIdOf } from '../../src/index.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { openRedis, type Redis, type RedisOptions } from '../../src/redis/open.js'
import { describeRedis, freshPrefix, type RedisProcess, startRedis } from '../support/redis.js'
import { until } from '../support/until.js'

const ROOM = 'general'
const KEEP = 5

describeRedis('a room whose history is in an archive', () => {
  let redis: RedisProcess
  let prefix: string
  let kept: Archive
  let open: Redis[]
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())
  beforeEach(() => {
    prefix = freshPrefix()
    kept = createMemoryArchive()
    open = []
  })
  afterEach(async () => {
    await Promise.all(open.map(({ log }) => log.close()))
  })

  const nodeWithout = async (more: Partial<RedisOptions> = {}) => {
    const options = { url: redis.url, prefix, clock: nodeClock, random: nodeRandom, keep: KEEP }
    const opened = await openRedis({ ...options, archiveIdleMs: 1, ...more })
    open.push(opened)
    const told: Committed[] = []
    opened.log.follow((committed) => told.push(...committed))
    return { ...opened, told }
  }
  const node = (more: Partial<RedisOptions> = {}) => nodeWithout({ archive: kept, ...more })
  const create = (id: string, more: Partial<Operation> = {}): Operation => ({
    ...{ room: ROOM, author: 'alice', id, kind: 'create', stamp: '0mabcdefg0000node-------' },
    body: JSON.stringify({ text: id }),
    ...more,
  })
  const on = (
    target: string,
    id: string,
    kind: Operation['kind'],
    more: Partial<Operation> = {},
  ): Operation => create(id, { kind, messageId: target, ...(kind === 'react' && { body: '"👍"' }), ...more })
  const upTo = (count: number, from = 1) => Array.from({ length: count - from + 1 }, (_, i) => from + i)
  const fill = (log: Log, count: number, from = 1) =>
    log.append(upTo(count, from).map((i) => create(`m${i}`)))
  const pageOf = async (log: Log, more: { cursor?: string; dir?: 'backward'; limit?: number } = {}) => {
    const page = await log.page({ room: ROOM, dir: 'forward', limit: 500, ...more })
    if ('lost' in page) throw new Error(`The log does not know the cursor: ${page.lost}`)
    const entries: Record<string, unknown>[] = page.items.map(({ text }) => JSON.parse(text))
    return { ...page, entries, seqs: page.items.map(({ seq }) => seq) }
  }
  const entry = async (log: Log, seq: number) => (await pageOf(log)).entries[seq - 1]
  /** Entries in Redis: of the stream, and rows. */
  const inRedis = async () => [
    await redis.ask('XLEN', `${prefix}:{${ROOM}}:l`),
    await redis.ask('HLEN', `${prefix}:{${ROOM}}:r`),
  ]
  const archived = async () => (await kept.range(ROOM, 1, 10_000)).map(({ seq }) => seq)
  /** An archive that does something before or after each call of one kind. */
  const archiveThat = (more: Partial<Archive>): Archive => ({ ...kept, ...more })

  it('goes on into the archive where Redis ends, forward, backward and around, from every cursor', async () => {
    const { log, told, archive } = await node()
    await fill(log, 300)
    await archive()
    expect(await inRedis()).toEqual([KEEP, KEEP])
    expect(await archived()).toEqual(upTo(300))
    expect((await pageOf(log)).seqs).toEqual(upTo(300))
    for (const at of [1, 2, 100, 294, 295, 296, 300]) {
      const cursor = told[at - 1]?.cursor ?? ''
      expect((await log.locate([{ room: ROOM, cursor }]))[0]).toMatchObject({ first: 1, head: 300 })
      expect((await log.locate([{ room: ROOM, cursor }]))[0]).not.toHaveProperty('lost')
      expect((await pageOf(log, { cursor })).seqs).toEqual(upTo(300, at + 1))
      const back = await pageOf(log, { cursor, dir: 'backward', limit: 200 })
      expect(back.seqs).toEqual(upTo(at, Math.max(1, at - 199)))
      expect(back.hasMore).toBe(at > 200)
      const around = await log.around(ROOM, { seq: at }, 10)
      expect(around?.items.map(({ seq }) => seq)).toContain(at)
      const named = await log.around(ROOM, { messageId: `m${at}`, author: 'alice' }, 2)
      expect(named?.at).toBe(at)
    }
    expect(await log.around(ROOM, { messageId: 'nowhere', author: 'alice' }, 2)).toBeUndefined()
  })

  it('tells a cursor that is on no log, however old it is', async () => {
    const { log, told, archive } = await node()
    await fill(log, 20)
    await archive()
    const cursor = told[2]?.cursor ?? ''
    const forged = `${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}`
    expect(await log.locate([{ room: ROOM, cursor: forged }])).toMatchObject([{ lost: 'fork' }])
  })

  it('shows an archived message as later operations made it, before and after these are archived', async () => {
    const { log, archive } = await node()
    await fill(log, 20)
    await archive()
    const outcomes = await log.append([
      ...[on('m1', 'e1', 'edit', { body: '"new"' }), on('m2', 'r1', 'react'), on('m3', 'd1', 'delete')],
      create('reply', { replyTo: 'm4' }),
      on('m5', 'c', 'edit', { baseVersion: 9 }),
    ])
    expect(outcomes.map((outcome) => (outcome.done ? outcome.seq : outcome.code))).toEqual([
      ...[21, 22, 23, 24, 'conflict'],
    ])
    const check = async () => {
      const { entries } = await pageOf(log)
      expect(entries[0]).toMatchObject({ body: 'new', version: 2, edited: true, rev: 21 })
      expect(entries[1]).toMatchObject({ reactions: { '👍': ['alice'] }, rev: 22 })
      expect(entries[2]).toMatchObject({ deleted: true, rev: 23 })
      expect(entries[3]).toMatchObject({ rev: 4 })
      expect(entries[23]).toMatchObject({ replyTo: messageIdOf(ROOM, 'alice', 'm4') })
    }
    await check()
    await archive()
    await check()
    await fill(log, 60, 21)
    await archive()
    expect(await inRedis()).toEqual([KEEP, KEEP])
    await check()
    await log.append([
      on('m2', 'r2', 'react', { author: 'bob', messageId: messageIdOf(ROOM, 'alice', 'm2') }),
    ])
    expect(await entry(log, 2)).toMatchObject({ reactions: { '👍': ['alice', 'bob'] } })
  })

  it('keeps a message in Redis for as long as an operation on it is not archived', async () => {
    const { log, archive } = await node()
    await fill(log, 20)
    await archive()
    await log.append([on('m1', 'e', 'edit', { body: '"new"' })])
    // A row more than there are entries: what the archive has of it is older.
    expect(await inRedis()).toEqual([KEEP, KEEP + 1])
    expect((await kept.range(ROOM, 1, 1))[0]).toMatchObject({ rev: 1 })
    await archive()
    expect((await kept.range(ROOM, 1, 1))[0]).toMatchObject({ rev: 21 })
    await fill(log, 30, 21)
    await archive()
    expect(await inRedis()).toEqual([KEEP, KEEP])
    expect(await redis.ask('HEXISTS', `${prefix}:{${ROOM}}:i`, messageIdOf(ROOM, 'alice', 'm1'))).toBe(0)
  })

  it('keeps no body of a deleted message, neither in Redis nor in the archive', async () => {
    const { log, archive } = await node()
    await log.append([create('m', { body: '"secret"' }), on('m', 'e', 'edit', { body: '"secret"' })])
    await fill(log, 20)
    await archive()
    await log.append([on('m', 'e2', 'edit', { body: '"secret"' })])
    await archive()
    expect(JSON.stringify(await kept.range(ROOM, 1, 99))).toContain('secret')
    await log.append([on('m', 'd', 'delete')])
    await archive()
    expect(JSON.stringify(await kept.range(ROOM, 1, 99))).not.toContain('secret')
    expect(JSON.stringify((await pageOf(log)).entries)).not.toContain('secret')
    expect(JSON.stringify(await redis.ask('HGETALL', `${prefix}:{${ROOM}}:r`))).not.toContain('secret')
  })

  it('has each position once, however often a worker dies between storing and saying so', async () => {
    let deaths = 0
    const dying = archiveThat({
      async store(batch) {
        await kept.store(batch)
        deaths += 1
        throw new Error('dead')
      },
    })
    const nodes = await Promise.all([node({ archive: dying }), node({ archive: dying }), node()])
    const [first, second, last] = nodes
    for (let round = 0; round < 5; round++) {
      await fill(first?.log ?? last.log, 20 * (round + 1), 20 * round + 1)
      for (const each of [first, second]) await each?.archive().catch(() => undefined)
    }
    expect(deaths).toBeGreaterThanOrEqual(5)
    // Nobody has heard of it, so Redis lets go of nothing.
    expect(await inRedis()).toEqual([100, 100])
    await until(async () => {
      await last.archive()
      return (await redis.ask('XLEN', `${prefix}:{${ROOM}}:l`)) === KEEP
    })
    expect(await archived()).toEqual(upTo(100))
    expect((await pageOf(last.log)).seqs).toEqual(upTo(100))
  })

  it('is moved by any of several nodes, also what one has taken and never finished', async () => {
    let isTaken = false
    const stuck = archiveThat({
      end: () => {
        isTaken = true
        return new Promise(() => {})
      },
    })
    const [dead, alive] = [await node(), await node()]
    await fill(dead.log, 20)
    const hanging = await node({ archive: stuck })
    void hanging.archive()
    await until(() => isTaken)
    open = open.filter(({ log }) => log !== hanging.log)
    await until(async () => {
      await alive.archive()
      return (await archived()).length === 20
    })
    expect(await archived()).toEqual(upTo(20))
    expect(await redis.ask('XLEN', `${prefix}:archive`)).toBe(0)
  })

  it('stays in Redis while the archive is away, and goes there when it is back', async () => {
    let isAway = true
    const { log, archive, told } = await node({
      archive: archiveThat({
        end: (room) => (isAway ? Promise.reject(new Error('away')) : kept.end(room)),
      }),
    })
    isAway = false
    await fill(log, 1)
    isAway = true
    await fill(log, 50, 2)
    await expect(archive()).rejects.toThrow('away')
    expect(await inRedis()).toEqual([50, 50])
    expect((await pageOf(log, { cursor: told[0]?.cursor ?? '' })).seqs).toEqual(upTo(50, 2))
    isAway = false
    await until(async () => {
      await archive()
      return (await redis.ask('XLEN', `${prefix}:{${ROOM}}:l`)) === KEEP
    })
    expect((await pageOf(log)).seqs).toEqual(upTo(50))
  })

  it('is one task, however much is written while nobody moves it', async () => {
    const { log } = await node()
    for (const i of upTo(20)) await fill(log, i, i)
    await until(async () => (await redis.ask('XLEN', `${prefix}:archive`)) === 1)
  })

  it('knows an id again that Redis has forgotten, for ever', async () => {
    let now = Date.UTC(2026, 0, 1)
    const { log, archive } = await node({ now: () => now, forgetMs: 1_000 })
    const stamp = `${now.toString(36).padStart(9, '0')}0000node-------`
    const first = create('m1', { stamp })
    const [answer] = await log.append([first])
    await fill(log, 20, 2)
    await archive()
    now += 60_000
    for (const key of [0, 1]) {
      const bucket = `${prefix}:{${ROOM}}:d:${Math.floor((now - 60_000) / 1_000) - key}`
      await redis.ask('DEL', bucket)
    }
    expect(await log.append([first])).toEqual([{ ...answer, dup: true }])
    expect(await log.append([{ ...first, body: '"other"' }])).toMatchObject([{ code: 'id_conflict' }])
    expect(await inRedis()).toEqual([KEEP, KEEP])
  })

  it('does not take a message back from the archive that has changed since the archive was asked', async () => {
    const writer = await node()
    await fill(writer.log, 20)
    await writer.archive()
    let asked = 0
    const slow = await node({
      archive: archiveThat({
        async find(room, messageId) {
          const found = await kept.find(room, messageId)
          asked += 1
          // While the answer is on its way, others change the message, and it leaves Redis again.
          if (asked === 1) {
            await writer.log.append([on('m1', 'e1', 'edit', { body: '"first"', baseVersion: 1 })])
            await fill(writer.log, 40, 21)
            await writer.archive()
          }
          return found
        },
      }),
    })
    expect(
      await slow.log.append([on('m1', 'e2', 'edit', { body: '"second"', baseVersion: 1 })]),
    ).toMatchObject([{ code: 'conflict', currentVersion: 2, currentValue: '"first"' }])
  })

  it('goes on behind its archive when Redis has lost everything', async () => {
    const own = await startRedis()
    const { log, archive, told } = await node({ url: own.url })
    await fill(log, 20)
    await archive()
    await own.kill()
    await own.start()
    await until(() =>
      log.locate([{ room: ROOM }]).then(
        () => true,
        () => false,
      ),
    )
    const cursor = told[9]?.cursor ?? ''
    expect((await pageOf(log, { cursor })).seqs).toEqual(upTo(20, 11))
    expect(await log.append([create('after'), create('m7')])).toMatchObject([{ seq: 21 }, {}])
    expect((await log.locate([{ room: ROOM, cursor: told[19]?.cursor ?? '' }]))[0]).not.toHaveProperty('lost')
    await archive()
    expect((await archived()).slice(0, 21)).toEqual(upTo(21))
    await own.remove()
  })

  it('follows Redis when that came back with less than the archive has', async () => {
    const own = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
    const first = await node({ url: own.url })
    await fill(first.log, 20)
    await first.archive()
    await own.kill()
    const before = await own.size()
    await own.start()
    await until(() =>
      first.log.append([on('m2', 'lost-edit', 'edit', { body: '"lost"' }), create('lost')]).then(
        () => true,
        () => false,
      ),
    )
    await first.archive()
    expect(await kept.end(ROOM)).toMatchObject({ head: 22 })
    expect((await kept.range(ROOM, 2, 2))[0]).toMatchObject({ body: '"lost"' })
    await own.kill()
    await own.loseTail((await own.size()) - before)
    await own.start()
    const again = await node({ url: own.url })
    expect((await again.log.locate([{ room: ROOM }]))[0]).toMatchObject({ head: 20 })
    await again.log.append([create('other'), on('m3', 'e', 'edit', { body: '"new"' }), create('more')])
    await again.archive()
    expect((await pageOf(again.log)).entries.map(({ id }) => id)).toEqual([
      ...[...upTo(20).map((i) => `m${i}`), 'other', 'e', 'more'],
    ])
    expect(await kept.end(ROOM)).toMatchObject({ head: 23 })
    // Redis has no message 2 any more, so it stays as the lost edit made it; nothing says that the edit is still to come.
    expect((await kept.range(ROOM, 2, 3)).map(({ body, rev }) => [body, rev])).toEqual([
      ['"lost"', 20],
      ['"new"', 22],
    ])
    await own.remove()
  })

  it('is not lost for a node that was away for longer than what Redis keeps', async () => {
    const [writer, reader] = [await node(), await node()]
    const losses: unknown[] = []
    reader.log.onLost?.((loss) => losses.push(loss))
    await reader.bus.enter(ROOM)
    await fill(writer.log, 3)
    await until(() => reader.told.length === 3)
    await redis.ask('SPUBLISH', 'nobody', 'x')
    await writer.archive()
    reader.bus.leave(ROOM)
    await reader.bus.enter(ROOM)
    await redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await fill(writer.log, 40, 4)
    await writer.archive()
    await until(() => reader.told.at(-1)?.seq === 40)
    expect(losses).toEqual([])
  })

  it('begins where Redis began when the archive was switched on', async () => {
    const before = await nodeWithout()
    await fill(before.log, 20)
    const { log, archive } = await node()
    await archive()
    expect(await archived()).toEqual(upTo(20, 16))
    await fill(log, 40, 21)
    await archive()
    expect((await pageOf(log)).seqs).toEqual(upTo(40, 16))
    const gone = before.told[5]?.cursor ?? ''
    expect(await log.locate([{ room: ROOM, cursor: gone }])).toMatchObject([{ first: 16, lost: 'trimmed' }])
  })

  it('is not served by a server that has no archive, nor put into another one', async () => {
    const { log, archive } = await node()
    await fill(log, 20)
    await archive()
    await expect(nodeWithout()).rejects.toThrow('--archive')
    const other = await node({ archive: createMemoryArchive() })
    await fill(log, 30, 21)
    await expect(other.archive()).rejects.toThrow('another one')
    await until(async () => {
      await archive()
      return (await archived()).length === 30
    })
  })

  it('is found by its name, whatever that is, when nobody told of it', async () => {
    const rooms = ['%7b', '{a}', 'a}:m', '%', 'Ω']
    const { log } = await node()
    for (const room of rooms) await log.append([create('m', { room })])
    await redis.ask('DEL', `${prefix}:archive`)
    const later = await node()
    await later.archive()
    for (const room of rooms) expect(await kept.range(room, 1, 9)).toHaveLength(1)
  })
})
