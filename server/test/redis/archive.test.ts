import { expect, it } from 'vitest'
import { messageIdOf } from '../../src/index.js'
import { describeRedis } from '../support/redis.js'
import { archiveBench, KEEP, ROOM, upTo } from './archive-bench.js'

describeRedis('a room whose history is in an archive', () => {
  const { archiveThat, archived, ask, create, entry, fill, inRedis, keyOf, kept, node, on, pageOf } =
    archiveBench()

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
    expect(await ask('HEXISTS', keyOf('i'), messageIdOf(ROOM, 'alice', 'm1'))).toBe(0)
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
    expect(JSON.stringify(await ask('HGETALL', keyOf('r')))).not.toContain('secret')
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
      const bucket = keyOf(`d:${Math.floor((now - 60_000) / 1_000) - key}`)
      await ask('DEL', bucket)
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
})
