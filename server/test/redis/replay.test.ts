import { afterAll, beforeAll, expect, it } from 'vitest'
import { readLines } from '../../../lab/replay/conversation.js'
import { madeUpLines } from '../../../lab/replay/made-up.js'
import { type NodesResult, replayOnNodes } from '../../../lab/replay/nodes.js'
import { type Built, buildServer } from '../support/built.js'
import { temporaryFolder } from '../support/files.js'
import { describeRedis } from '../support/redis.js'
import { replayDefects } from './defects/replayed.js'

const counts = { lost: 0, duplicated: 0, disordered: 0, causalityBroken: 0 }
const clean = { ...counts, resets: 0, breaks: 0, crashes: 0, replicaAgrees: true }

interface Scale {
  readonly messages: number
  readonly rooms: number
  readonly clients: number
  readonly stalledAfterMs?: number
  readonly seed?: number
}

/** Plays a conversation that nobody had over three servers, with everything that breaks; what was said on the way is the trace of a failure. */
async function play({ program }: Built, { messages, rooms, ...more }: Scale): Promise<NodesResult> {
  const folder = await temporaryFolder()
  const conversation = await readLines(madeUpLines(1, { messages, rooms }))
  const result = await replayOnNodes({
    conversation,
    program,
    folder: folder.path,
    nodes: 3,
    seed: 1,
    faults: 'rough',
    say: () => {},
    ...more,
  })
  await folder.remove()
  return result
}

describeRedis('clients of three servers on one Redis', () => {
  let built: Built
  beforeAll(async () => {
    built = await buildServer('replay')
  })
  afterAll(() => built.remove())

  it('lose, double and reorder nothing while servers are killed in the middle of work, cut off from each other, and Redis restarts', async () => {
    const result = await play(built, { messages: 2_500, rooms: 5, clients: 10 })
    expect(result).toMatchObject(clean)
    expect(result.serverRestarts).toBeGreaterThanOrEqual(6)
    expect(result.unacknowledgedAtKills).toBeGreaterThanOrEqual(2 * result.serverRestarts)
    expect(result.channelsCut).toBeGreaterThanOrEqual(8)
    expect(result.redisRestarts).toBeGreaterThanOrEqual(2)
    expect(result.moved).toBeGreaterThanOrEqual(10)
    expect(result.resent).toBeGreaterThanOrEqual(5)
    expect(result.duplicateAcks).toBeGreaterThan(0)
  })

  // Side by side: most of the time they wait for what was broken. Whether anybody speaks in the moments that count is chance: what one
  // storm does not show the next one may.
  it.concurrent.each(replayDefects)('notice servers with a defect: $name', async (defect) => {
    const planted = await buildServer(`replay-${defect.symptom}`, defect)
    const told: NodesResult[] = []
    for (const seed of [1, 2, 3, 4]) {
      const result = await play(planted, { messages: 900, rooms: 2, clients: 5, stalledAfterMs: 5_000, seed })
      told.push(result)
      if (result[defect.symptom] > 0) break
    }
    await planted.remove()
    expect(told.at(-1)?.[defect.symptom], JSON.stringify(told)).toBeGreaterThan(0)
  })
})
