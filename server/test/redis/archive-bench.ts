import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { createMemoryArchive } from '../../src/archive/memory.js'
import type { Archive, Committed, Log, Operation } from '../../src/index.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { openRedis, type Redis, type RedisOptions } from '../../src/redis/open.js'
import { createOperation } from '../support/operations.js'
import { freshPrefix, type RedisProcess, startRedis } from '../support/redis.js'

export const ROOM = 'general'
/** Entries that Redis keeps. */
export const KEEP = 5
export const upTo = (count: number, from = 1) => Array.from({ length: count - from + 1 }, (_, i) => from + i)

/** A Redis, an archive, and nodes on both: called where a file's tests are described. */
export function archiveBench() {
  let redis: RedisProcess
  let prefix: string
  let memory: Archive
  let open: Redis[]
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())
  beforeEach(() => {
    prefix = freshPrefix()
    memory = createMemoryArchive()
    open = []
  })
  afterEach(async () => {
    await Promise.all(open.map(({ log }) => log.close()))
  })
  const kept: Archive = {
    end: (room) => memory.end(room),
    store: (batch) => memory.store(batch),
    range: (...asked) => memory.range(...asked),
    find: (...asked) => memory.find(...asked),
    close: async () => {},
  }
  const ask: RedisProcess['ask'] = (...words) => redis.ask(...words)
  const keyOf = (name: string) => `${prefix}:{${ROOM}}:${name}`

  const nodeWithout = async (more: Partial<RedisOptions> = {}) => {
    const opened = await openRedis({
      url: redis.url,
      prefix,
      clock: nodeClock,
      random: nodeRandom,
      keep: KEEP,
      archiveIdleMs: 1,
      ...more,
    })
    open.push(opened)
    const told: Committed[] = []
    opened.log.follow((committed) => told.push(...committed))
    return { ...opened, told }
  }
  const create = (id: string, more: Partial<Operation> = {}): Operation =>
    createOperation(id, { room: ROOM, ...more })
  const pageOf = async (log: Log, more: { cursor?: string; dir?: 'backward'; limit?: number } = {}) => {
    const page = await log.page({ room: ROOM, dir: 'forward', limit: 500, ...more })
    if ('lost' in page) throw new Error(`The log does not know the cursor: ${page.lost}`)
    const entries: Record<string, unknown>[] = page.items.map(({ text }) => JSON.parse(text))
    return { ...page, entries, seqs: page.items.map(({ seq }) => seq) }
  }
  return {
    kept,
    ask,
    keyOf,
    tasksKey: () => `${prefix}:archive`,
    create,
    pageOf,
    nodeWithout,
    node: (more: Partial<RedisOptions> = {}) => nodeWithout({ archive: kept, ...more }),
    /** Nobody waits for this one to end. */
    abandon({ log }: Pick<Redis, 'log'>) {
      open = open.filter((each) => each.log !== log)
    },
    on: (target: string, id: string, kind: Operation['kind'], more: Partial<Operation> = {}): Operation =>
      create(id, { kind, messageId: target, ...(kind === 'react' && { body: '"👍"' }), ...more }),
    fill: (log: Log, count: number, from = 1) => log.append(upTo(count, from).map((i) => create(`m${i}`))),
    entry: async (log: Log, seq: number) => (await pageOf(log)).entries[seq - 1],
    /** Entries in Redis: of the stream, and rows. */
    inRedis: async () => [await ask('XLEN', keyOf('l')), await ask('HLEN', keyOf('r'))],
    archived: async () => (await kept.range(ROOM, 1, 10_000)).map(({ seq }) => seq),
    /** The archive, but for what is said of it. */
    archiveThat: (more: Partial<Archive>): Archive => ({ ...kept, ...more }),
  }
}
