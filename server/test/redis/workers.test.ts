import { expect, it } from 'vitest'
import { createConsumers } from '../../src/consuming/consumers.js'
import type { Batch, ConsumeOptions, Hold, Log, Member } from '../../src/index.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { describeRedis, ownRedis } from '../support/redis.js'
import { until } from '../support/until.js'
import { archiveBench, ROOM, upTo } from './archive-bench.js'

/** So soon a room whose worker died is for others. */
const IDLE_MS = 600
/** In so long somebody has looked for what is left, which is done every second. */
const LOOKED_MS = IDLE_MS + 1_600

describeRedis('workers on Redis', () => {
  const bench = archiveBench()
  const startOwn = ownRedis()
  const { abandon, ask, create, fill, keyOf } = bench
  const idle = { workerIdleMs: IDLE_MS, keep: 0 }
  const tasksKey = () => keyOf('').replace(`:{${ROOM}}:`, ':workers:indexer')

  /** A worker that notes what it is given. */
  const work = async (log: Log, more: Partial<ConsumeOptions> = {}) => {
    const batches: Batch[] = []
    const consumers = createConsumers({ log, clock: nodeClock, random: nodeRandom })
    const handle = (batch: Batch) => void batches.push(batch)
    const { close } = await consumers.consume({ rooms: '*', group: 'indexer', handle, ...more })
    return { batches, close, seqs: () => batches.flatMap(({ entries }) => entries.map(({ seq }) => seq)) }
  }
  const memberOf = async ({ groups }: Log) => {
    if (!groups) throw new Error('This log has no groups.')
    return groups.join({ name: 'indexer', rooms: '*', from: 'head' }, () => {})
  }

  const taken = async (member: Member): Promise<Hold> => {
    let hold: Hold | undefined
    await until(async () => {
      ;[hold] = await member.take(1)
      return hold !== undefined
    })
    if (!hold) throw new Error('A room was expected.')
    return hold
  }

  it('are given what any node writes, also one that has no workers', async () => {
    const [writer, one, two] = await Promise.all([1, 2, 3].map(() => bench.nodeWithout(idle)))
    if (!writer || !one || !two) throw new Error('There are three nodes.')
    const workers = [await work(one.log), await work(two.log)]
    const rooms = upTo(20).map((i) => `room ${i}`)
    for (const i of upTo(10)) await writer.log.append(rooms.map((room) => create(`m${i}`, { room })))
    const entries = () => workers.flatMap(({ batches }) => batches.flatMap((batch) => batch.entries))
    await until(() => entries().length >= 200)
    for (const room of rooms)
      expect(
        entries()
          .filter((entry) => entry.room === room)
          .map(({ seq }) => seq),
      ).toEqual(upTo(10))
    for (const { close } of workers) await close()
  })

  it('are one task a room, however much is written while nobody works', async () => {
    const [writer, worker] = [await bench.nodeWithout(idle), await bench.nodeWithout(idle)]
    const first = await work(worker.log)
    // Whether or not the other node has heard of them by now.
    await fill(writer.log, 1)
    await until(() => first.seqs().length === 1)
    await first.close()
    // A round may have found the room at the same moment.
    const before = Number(await ask('XLEN', tasksKey()))
    for (const i of upTo(20, 2)) await fill(writer.log, i, i)
    await until(async () => Number(await ask('XLEN', tasksKey())) > before)
    expect(await ask('XLEN', tasksKey())).toBe(before + 1)
  })

  it('begin behind what rooms have, also those that come at once, and after one that died while it began', async () => {
    const nodes = [await bench.nodeWithout(idle), await bench.nodeWithout(idle)]
    const [writer] = nodes
    const rooms = upTo(700).map((i) => `room ${i}`)
    await writer?.log.append(rooms.map((room) => create('before', { room })))
    // Whoever made the group has died before all positions were written.
    const made = ['*', 'entering', String(nodeClock.now() + 1_000)].join('\u001f')
    await ask('HSET', tasksKey().replace(':workers:indexer', ':groups'), 'indexer', made)
    const workers = await Promise.all(nodes.map(({ log }) => work(log)))
    await writer?.log.append(rooms.map((room) => create('after', { room })))
    const ids = () => workers.flatMap(({ batches }) => batches.flatMap(({ entries }) => entries))
    await until(() => ids().length >= 700)
    expect(new Set(ids().map(({ id }) => id))).toEqual(new Set(['after']))
    await until(async () => (await ask('XLEN', tasksKey())) === 0)
    for (const { close } of workers) await close()
    // They have left nothing behind, not even their names.
    expect(await ask('XINFO', 'CONSUMERS', tasksKey(), 'workers')).toEqual([])
  })

  it('keep a room for as long as they work on it, and nobody else has it', async () => {
    const [one, two] = [await bench.nodeWithout(idle), await bench.nodeWithout(idle)]
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const seen: string[] = []
    const handle = (name: string) => async () => {
      seen.push(name)
      await ended
    }
    const workers = [await work(one.log, { handle: handle('one') })]
    await fill(one.log, 1)
    await until(() => seen.length === 1)
    workers.push(await work(two.log, { handle: handle('two') }))
    await fill(two.log, 2, 2)
    // It is listed once more, as by a round that saw it just before.
    await ask('XADD', tasksKey(), '*', 'room', ROOM)
    const start = nodeClock.now()
    await until(() => nodeClock.now() - start > LOOKED_MS)
    expect(seen).toEqual(['one'])
    end()
    await until(() => seen.length === 2)
    for (const { close } of workers) await close()
  })

  it('are given a room again at once when there is more in it', async () => {
    const made = await bench.nodeWithout(idle)
    await (await work(made.log)).close()
    // It knows the group from the beginning, and looks through all rooms once.
    const node = await bench.nodeWithout(idle)
    const member = await memberOf(node.log)
    await fill(node.log, 1)
    await until(async () => {
      for (const hold of await member.take(10)) {
        const [standing] = await node.log.locate([{ room: ROOM }])
        await hold.move(standing?.cursor)
        await hold.giveBack()
      }
      return (await ask('HEXISTS', keyOf('g'), 'pindexer')) === 1 && (await ask('XLEN', tasksKey())) === 0
    })
    await fill(node.log, 2, 2)
    await (await taken(member)).giveBack()
    await (await taken(member)).giveBack()
    await member.leave()
  })

  it('keep nothing of a room that somebody else has taken over meanwhile', async () => {
    // One that lives, and of which nobody hears anything: its clock stands still.
    const frozen = await bench.nodeWithout({ ...idle, clock: { now: nodeClock.now, after: () => () => {} } })
    const other = await bench.nodeWithout(idle)
    const member = await memberOf(frozen.log)
    await fill(frozen.log, 3)
    const hold = await taken(member)
    const worker = await work(other.log, { batch: 1 })
    await until(() => worker.batches.length === 3)
    await fill(other.log, 4, 4)
    await until(() => worker.batches.length === 4)
    expect(await hold.move('1.00000000')).toBe(false)
    await hold.giveBack()
    await fill(other.log, 5, 5)
    await until(() => worker.batches.length === 5)
    expect(worker.seqs()).toEqual(upTo(5))
    await worker.close()
  })

  it('find what a node that died told nobody', async () => {
    const node = await bench.nodeWithout(idle)
    const first = await work(node.log)
    await fill(node.log, 1)
    await until(() => first.batches.length === 1)
    await first.close()
    // It has said that it would tell, and died.
    await ask('HSET', keyOf('g'), 'dindexer', '1')
    await fill(node.log, 3, 2)
    const later = await bench.nodeWithout(idle)
    const second = await work(later.log)
    await until(() => second.seqs().length === 2)
    expect(second.seqs()).toEqual([2, 3])
    await second.close()
  })

  it('are told by a gap what was let go of before it was their turn', async () => {
    const node = await bench.nodeWithout({ workerIdleMs: IDLE_MS })
    const first = await work(node.log)
    await fill(node.log, 2)
    await until(() => first.seqs().length === 2)
    await first.close()
    await fill(node.log, 20, 3)
    const second = await work(node.log)
    await until(() => second.seqs().length === 5)
    expect(second.batches[0]?.gap).toEqual({ reason: 'trimmed', handed: 2, from: 16 })
    expect(second.seqs()).toEqual(upTo(20, 16))
    await second.close()
    const late = await work(node.log, { group: 'late', from: 'start' })
    await until(() => late.seqs().length === 5)
    expect(late.batches[0]?.gap).toEqual({ reason: 'trimmed', handed: 0, from: 16 })
    await late.close()
  })

  it('are given from the archive what Redis has let go of, and nothing is missing', async () => {
    const node = await bench.node({ workerIdleMs: IDLE_MS })
    const first = await work(node.log)
    await fill(node.log, 2)
    await until(() => first.seqs().length === 2)
    await first.close()
    await fill(node.log, 40, 3)
    await node.archive()
    expect(await ask('XLEN', keyOf('l'))).toBe(5)
    const second = await work(node.log)
    await until(() => second.seqs().length === 38)
    expect(second.seqs()).toEqual(upTo(40, 3))
    expect(second.batches.some(({ gap }) => gap)).toBe(false)
    await second.close()
  })

  it('are told by a gap that Redis lost where they were, and miss nothing', async () => {
    const own = await startOwn()
    const node = await bench.node({ url: own.url, workerIdleMs: IDLE_MS })
    const { batches, seqs, close } = await work(node.log)
    await fill(node.log, 10)
    await until(() => seqs().length === 10)
    await node.archive()
    await own.kill()
    await own.start()
    await until(() =>
      node.log.append([create('after')]).then(
        () => true,
        () => false,
      ),
    )
    await until(() => seqs().includes(11))
    const told = batches.find(({ gap }) => gap)
    expect(told?.gap).toEqual({ reason: 'unknown', handed: 0, from: 1 })
    expect(seqs().slice(-11)).toEqual(upTo(11))
    await node.log.append([create('first', { room: 'new' })])
    await until(() => batches.some(({ room }) => room === 'new'))
    expect(batches.at(-1)?.gap).toBeUndefined()
    await close()
    abandon(node)
    await node.log.close()
  })
})
