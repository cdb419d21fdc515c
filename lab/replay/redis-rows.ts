import { nodeClock, nodeRandom } from '../../server/src/platform.js'
import { openRedis } from '../../server/src/redis/open.js'
import type { LogReader } from './ground.js'
import type { RedisProcess } from './redis-process.js'
import type { Row } from './verdict.js'

const ROWS_A_PAGE = 500
/** Entries of all rooms, whether anybody knows them or not. */
const COUNT = `local count = 0
for _, key in ipairs(redis.call('KEYS', 'tidings:{*}:l')) do count = count + redis.call('XLEN', key) end
return count`

const textIn = (value: unknown, key: string): string => String(Reflect.get(Object(value), key) ?? '')

/** An entry as pages carry it. */
function rowOf(room: string, text: string): Row {
  const entry: unknown = JSON.parse(text)
  return {
    room,
    seq: Number(textIn(entry, 'seq')),
    messageId: textIn(entry, 'messageId'),
    author: textIn(entry, 'from'),
    id: textIn(entry, 'id'),
    kind: textIn(entry, 'kind'),
    stamp: textIn(entry, 'stamp'),
    body: JSON.stringify(Reflect.get(Object(entry), 'body') ?? null),
    targetId: textIn(entry, 'replyTo') || null,
  }
}

/** Opens the log on a Redis, as one more server would. */
export async function openRedisLog({ url, ask }: Pick<RedisProcess, 'url' | 'ask'>): Promise<LogReader> {
  const { log } = await openRedis({ url, clock: nodeClock, random: nodeRandom })
  return {
    async rows(room) {
      const rows: Row[] = []
      let [cursor, hasMore]: [string | undefined, boolean] = [undefined, true]
      while (hasMore) {
        const from = cursor === undefined ? { checkpoints: [] } : { cursor }
        const page = await log.page({ room, dir: 'forward', limit: ROWS_A_PAGE, ...from })
        if ('lost' in page) throw new Error(`The log of ${room} cannot be read: ${page.lost}.`)
        rows.push(...page.items.map(({ text }) => rowOf(room, text)))
        cursor = page.cursor
        hasMore = page.hasMore
      }
      return rows
    },
    count: async () => Number((await ask('EVAL', COUNT, '0')).slice(1)),
    close: () => log.close(),
  }
}
