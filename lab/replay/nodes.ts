import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ground } from './ground.js'
import { createOutages, type OutageCount } from './outages.js'
import { createRedisPair } from './redis-pair.js'
import { openRedisLog } from './redis-rows.js'
import { chaosOf, playOn, type Result, type RunOptions } from './run.js'
import { createServerProcess, type ServerProcess } from './server-process.js'

export interface NodesOptions extends RunOptions {
  /** Servers on one Redis. */
  readonly nodes: number
}

/** What a run on several servers comes to. */
export interface NodesResult extends Result {
  readonly nodes: number
  /** Reconnects that led to another server. */
  readonly moved: number
  /** Rooms of which clients were told that their past is another one. Redis keeps what it has acknowledged: has to be 0. */
  readonly resets: number
  /** Events that servers told without the one before: they promise each once and in order, so it has to be 0. */
  readonly breaks: number
  /** Operations that were given to servers and not acknowledged when these were killed. */
  readonly unacknowledgedAtKills: number
  readonly channelsCut: number
  readonly linksCut: number
  readonly redisRestarts: number
  /** Servers or Redis that ended by themselves: has to be 0. */
  readonly crashes: number
  /** The replica holds what the primary does. */
  readonly replicaAgrees: boolean
}

/** More entries of a room than any log has: what Redis lets go of could not be judged. */
const KEEPS = '999999999'

interface NodesGround extends Ground {
  readonly count: OutageCount
  readonly crashes: number
  agrees(): Promise<boolean>
}

/** Servers on a Redis with a replica, in a folder of their own. */
async function createNodes(options: NodesOptions): Promise<NodesGround> {
  const { program, folder, say, nodes } = options
  const count: OutageCount = {
    serverKills: 0,
    unacknowledged: 0,
    channelsCut: 0,
    linksCut: 0,
    redisRestarts: 0,
  }
  let crashes = 0
  const onCrash = (why: string): void => {
    crashes += 1
    say(`A server or Redis ended by itself: ${why}`)
  }
  const secret = join(folder, 'secret')
  writeFileSync(secret, randomBytes(32).toString('base64url'))
  const { primary, start, agrees, close } = await createRedisPair(folder, onCrash)
  const keeps = ['--redis', primary.url, '--keep', KEEPS, '--secret-file', secret]
  const create = (_: unknown, i: number): Promise<ServerProcess> =>
    createServerProcess({ program, keeps, chaos: chaosOf(options, i), onCrash })
  const first = await create(undefined, 0)
  const others = await Promise.all(Array.from({ length: nodes - 1 }, (_, i) => create(_, i + 1)))
  const servers = [first, ...others]
  return {
    urls: [first.url, ...others.map(({ url }) => url)],
    outages: createOutages({ servers, redis: primary, count, say }),
    count,
    agrees,
    get serverKills() {
      return count.serverKills
    },
    get crashes() {
      return crashes
    },
    async start() {
      await start()
      await Promise.all(servers.map((server) => server.start()))
    },
    // All have the same secret: any of them will do.
    token: (user) => Promise.any(servers.map((server) => server.token(user))),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
    },
    openLog: () => openRedisLog(primary),
    async close() {
      await Promise.all(servers.map((server) => server.kill()))
      await close()
    },
  }
}

/** Plays a conversation through real clients and several real servers on a real Redis, and judges what became of it by what Redis holds. */
export async function replayOnNodes(options: NodesOptions): Promise<NodesResult> {
  const ground = await createNodes(options)
  try {
    const result = await playOn(ground, options)
    const { unacknowledged, channelsCut, linksCut, redisRestarts } = ground.count
    return {
      ...result,
      nodes: options.nodes,
      unacknowledgedAtKills: unacknowledged,
      channelsCut,
      linksCut,
      redisRestarts,
      crashes: ground.crashes,
      replicaAgrees: await ground.agrees(),
    }
  } finally {
    await ground.close()
  }
}
