import { expect, it } from 'vitest'
import { describeRedis, ownRedis } from '../support/redis.js'
import { until } from '../support/until.js'
import { archiveBench, ROOM, upTo } from './archive-bench.js'

describeRedis('a room whose history is in an archive, when something is lost', () => {
  const { archived, ask, create, fill, kept, node, on, pageOf } = archiveBench()
  const startOwn = ownRedis()

  it('goes on behind its archive when Redis has lost everything', async () => {
    const own = await startOwn()
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
  })

  it('follows Redis when that came back with less than the archive has', async () => {
    const own = await startOwn('--appendonly', 'yes', '--appendfsync', 'always')
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
  })

  it('is not lost for a node that was away for longer than what Redis keeps', async () => {
    const [writer, reader] = [await node(), await node()]
    const losses: unknown[] = []
    reader.log.onLost?.((loss) => losses.push(loss))
    await reader.bus.enter(ROOM)
    await fill(writer.log, 3)
    await until(() => reader.told.length === 3)
    await ask('SPUBLISH', 'nobody', 'x')
    await writer.archive()
    reader.bus.leave(ROOM)
    await reader.bus.enter(ROOM)
    await ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await fill(writer.log, 40, 4)
    await writer.archive()
    await until(() => reader.told.at(-1)?.seq === 40)
    expect(losses).toEqual([])
  })
})
