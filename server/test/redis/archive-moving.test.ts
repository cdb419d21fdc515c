import { expect, it } from 'vitest'
import { createMemoryArchive } from '../../src/archive/memory.js'
import { nodeClock } from '../../src/platform.js'
import { describeRedis } from '../support/redis.js'
import { until } from '../support/until.js'
import { archiveBench, KEEP, ROOM, upTo } from './archive-bench.js'

describeRedis('what moves rooms into an archive', () => {
  const {
    abandon,
    archiveThat,
    archived,
    ask,
    create,
    fill,
    inRedis,
    keyOf,
    kept,
    node,
    nodeWithout,
    pageOf,
    tasksKey,
  } = archiveBench()

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
      return (await ask('XLEN', keyOf('l'))) === KEEP
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
    abandon(hanging)
    await until(async () => {
      await alive.archive()
      return (await archived()).length === 20
    })
    expect(await archived()).toEqual(upTo(20))
    expect(await ask('XLEN', tasksKey())).toBe(0)
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
      return (await ask('XLEN', keyOf('l'))) === KEEP
    })
    expect((await pageOf(log)).seqs).toEqual(upTo(50))
  })

  it('waits for no other room that cannot be moved', async () => {
    const { log, archive } = await node({
      archive: archiveThat({
        store: (batch) => (batch.room === 'odd' ? Promise.reject(new Error('odd')) : kept.store(batch)),
      }),
    })
    await log.append([create('m', { room: 'odd' })])
    await fill(log, 1)
    await until(async () => Number(await ask('XLEN', tasksKey())) === 2)
    for (let round = 0; round < 5; round++) {
      await archive().catch(() => undefined)
      // As long as a task that was not finished is somebody's.
      await new Promise((resolve) => nodeClock.after(5, () => resolve(undefined)))
    }
    expect(await archived()).toEqual([1])
  })

  it('is one task, however much is written while nobody moves it', async () => {
    const { log } = await node()
    for (const i of upTo(20)) await fill(log, i, i)
    await until(async () => (await ask('XLEN', tasksKey())) === 1)
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
    await ask('DEL', tasksKey())
    const later = await node()
    await later.archive()
    for (const room of rooms) expect(await kept.range(room, 1, 9)).toHaveLength(1)
  })
})
