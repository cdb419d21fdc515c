import type { Moment, Outage } from './ground.js'
import type { RedisProcess } from './redis-process.js'
import type { ServerProcess } from './server-process.js'

/** What was broken of several servers on one Redis. */
export interface OutageCount {
  /** Servers killed by SIGKILL, each while operations that it was given were not acknowledged. */
  serverKills: number
  /** Those operations. */
  unacknowledged: number
  /** Connections on which servers hear each other, cut. */
  channelsCut: number
  /** Connections by which servers write and read, cut. */
  linksCut: number
  redisRestarts: number
}

export interface OutageParts {
  readonly servers: readonly ServerProcess[]
  readonly redis: Pick<RedisProcess, 'ask' | 'start' | 'end'>
  readonly count: OutageCount
  readonly say: (text: string) => void
}

/** So often in a run of `messages`: once in `every`, but never less than `least`. */
const often = (least: number, every: number) => (messages: number) =>
  Math.max(least, Math.round(messages / every))

const WITHIN_MS = 6
const AWAY_MOST_MS = 200
/** Redis is back sooner than anybody has noticed otherwise. */
const AWAY_LEAST_MS = 100

/** Does one work after the other: a server that starts needs Redis, and what it is connected by. */
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}

/** What may break of several servers on one Redis. */
export function createOutages({ servers, redis, count, say }: OutageParts): readonly Outage[] {
  const alone = createQueue()
  const kills = new Map<ServerProcess, number>()
  /** Strikes when no server is starting and somebody waits for an answer: what strikes at rest proves nothing. */
  const inTheMiddle =
    (strike: (moment: Moment) => Promise<boolean>) =>
    async (moment: Moment): Promise<boolean> => {
      await moment.wait(moment.random.next() * WITHIN_MS)
      return alone(async () => servers.some(({ url }) => moment.unanswered(url) > 0) && strike(moment))
    }

  /** As with one server: the commit may be done, half done or not begun. Each has its turn, and the others go on. */
  async function killServer({ unanswered, wait, random }: Moment): Promise<boolean> {
    await wait(random.next() * WITHIN_MS)
    const server = servers
      .filter((each) => each.isUp() && unanswered(each.url) > 0)
      .sort((a, b) => (kills.get(a) ?? 0) - (kills.get(b) ?? 0))[0]
    if (!server) return false
    const waiting = unanswered(server.url)
    kills.set(server, (kills.get(server) ?? 0) + 1)
    count.serverKills += 1
    count.unacknowledged += waiting
    await server.kill()
    say(`Server ${servers.indexOf(server) + 1} killed with ${waiting} operations unacknowledged.`)
    await wait(random.next() * AWAY_MOST_MS)
    await alone(() => server.start())
    return true
  }

  /** Cuts connections to Redis: on which servers hear each other, or by which they ask, so that answers to what was done are lost. */
  const cut = (type: 'pubsub' | 'normal', which: 'channelsCut' | 'linksCut') =>
    inTheMiddle(async () => {
      const cuts = Number((await redis.ask('CLIENT', 'KILL', 'TYPE', type)).slice(1))
      count[which] += cuts
      return cuts > 0
    })

  /** Asked to leave and killed in turns: it keeps what it has acknowledged in either case. */
  const restartRedis = inTheMiddle(async ({ wait, random }) => {
    const signal = count.redisRestarts % 2 === 0 ? 'SIGTERM' : 'SIGKILL'
    await redis.end(signal)
    count.redisRestarts += 1
    say(`Redis ended by ${signal}.`)
    await wait(AWAY_LEAST_MS + random.next() * AWAY_MOST_MS)
    await redis.start()
    return true
  })

  return [
    { times: often(6, 1_000), strike: killServer },
    { times: often(8, 500), strike: cut('pubsub', 'channelsCut') },
    { times: often(3, 2_500), strike: cut('normal', 'linksCut') },
    { times: often(2, 4_000), strike: restartRedis },
  ]
}
