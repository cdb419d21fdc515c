import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import {
  createEmbeddedServer,
  type EmbeddedServer,
  type EmbeddedServerOptions,
  type Loss,
} from '../../src/index.js'
import { openDatabase } from '../../src/log/sqlite-driver.js'
import { type Balancer, startBalancer } from '../support/balancer.js'
import { temporaryFolder } from '../support/files.js'
import { createPerson, type Person } from '../support/person.js'
import { describeRedis, type RedisProcess, startRedis } from '../support/redis.js'
import { until } from '../support/until.js'

const USERS = ['alice', 'bob', 'carol'] as const

describeRedis('acknowledged messages that Redis loses', () => {
  let ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.reverse()) await end()
    ends = []
  })

  /** Three nodes that reach Redis by a way which can lead elsewhere, and a person on each. */
  const start = async (way: Balancer, more: EmbeddedServerOptions = {}) => {
    const losses: Loss[] = []
    const nodes: EmbeddedServer[] = []
    for (const _ of USERS) {
      const options = { secret: 's'.repeat(32), dev: true, limits: { rate: null }, ...more }
      const node = await createEmbeddedServer({ ...options, redis: `redis://127.0.0.1:${way.port}` })
      node.log.onLost?.((loss) => losses.push(loss))
      ends.push(() => node.close())
      nodes.push(node)
    }
    const people = USERS.map((user, i) => {
      const node = nodes[i]
      if (!node) throw new Error('There is a node for each.')
      const person = createPerson(user, i, node)
      ends.push(() => person.end())
      return person
    })
    return { losses, nodes, people }
  }
  const sayAll = (people: readonly Person[], what: string, count: number) =>
    Promise.all(
      people.flatMap((person, n) => Array.from({ length: count }, (_, i) => person.say(`${what} ${n}.${i}`))),
    )
  const textsOf = (person: Person) => person.shown().map(([, text]) => text)
  const logOf = async (node: EmbeddedServer | undefined) => {
    const page = await node?.log.page({ room: 'general', dir: 'forward', limit: 500 })
    if (!page || 'lost' in page || page.hasMore) throw new Error('The log is read in one page here.')
    const entries: { kind: string; messageId: string; stamp: string; body?: { text: string } }[] =
      page.items.map(({ text }) => JSON.parse(text))
    const messages = entries.filter(({ kind }) => kind === 'create')
    return messages
      .sort((a, b) => (a.stamp + a.messageId < b.stamp + b.messageId ? -1 : 1))
      .map(({ messageId, body }) => [messageId, body?.text] as const)
  }
  /** A list that fell far behind begins further down than the room, and says so: whoever reads on sees the rest. */
  const readOn = ({ room }: Person) => (room.timeline.get().hasOlder ? room.loadOlder() : undefined)
  const agreed = async (people: readonly Person[], node: EmbeddedServer | undefined, expected: number) => {
    await until(async () => {
      await Promise.all(people.map(readOn))
      const log = JSON.stringify(await logOf(node))
      return (
        people.every((person) => JSON.stringify(person.shown()) === log) &&
        (await logOf(node)).length >= expected
      )
    })
  }
  const replicaOf = async (primary: RedisProcess): Promise<RedisProcess> => {
    const replica = await startRedis()
    ends.push(() => replica.remove())
    await replica.ask('REPLICAOF', '127.0.0.1', String(primary.port))
    await until(async () =>
      String(await replica.ask('INFO', 'replication')).includes('master_link_status:up'),
    )
    return replica
  }
  const caughtUp = (primary: RedisProcess, replica: RedisProcess) =>
    until(async () => {
      const offset = async (redis: RedisProcess) =>
        /master_repl_offset:(\d+)/.exec(String(await redis.ask('INFO', 'replication')))?.[1]
      return (await offset(primary)) === (await offset(replica))
    })

  it('come back once when a replica that never saw them is promoted, edits included', {
    timeout: 60_000,
  }, async () => {
    const primary = await startRedis('--repl-diskless-sync-delay', '0')
    ends.push(() => primary.remove())
    const replica = await replicaOf(primary)
    const way = await startBalancer([primary.port])
    ends.push(() => way.close())
    const { losses, nodes, people } = await start(way)
    const [alice, bob, carol] = people

    await sayAll(people, 'kept', 5)
    await agreed(people, nodes[0], 15)
    await caughtUp(primary, replica)
    await replica.ask('REPLICAOF', '127.0.0.1', '1')

    await sayAll(people, 'lost', 5)
    const edited = alice?.shown().find(([, text]) => text === 'kept 0.0')?.[0] ?? ''
    await alice?.room.edit(edited, { text: 'kept 0.0, edited' }).confirmed()
    await until(() => people.every((person) => textsOf(person).includes('kept 0.0, edited')))
    // One is away while it happens, and comes back when others have gone on.
    carol?.client.disconnect()

    await primary.kill()
    await replica.ask('REPLICAOF', 'NO', 'ONE')
    way.route([replica.port])
    way.cut()
    await Promise.all([alice, bob].map((person) => person?.say('after')))
    carol?.client.connect()

    await agreed(people, nodes[2], 32)
    const texts = people.map((person) => [...textsOf(person)].sort())
    const expected = [
      ...[0, 1, 2].flatMap((n) => [0, 1, 2, 3, 4].flatMap((i) => [`kept ${n}.${i}`, `lost ${n}.${i}`])),
      ...['after', 'after'],
    ].map((text) => (text === 'kept 0.0' ? 'kept 0.0, edited' : text))
    for (const shown of texts) expect(shown).toEqual(expected.sort())
    expect(losses.map(({ room }) => room)).toContain('general')
  })

  const diesAgainAndAgain = async (more: EmbeddedServerOptions) => {
    const redis = await startRedis('--appendonly', 'yes', '--appendfsync', 'everysec')
    ends.push(() => redis.remove())
    const way = await startBalancer([redis.port])
    ends.push(() => way.close())
    const { losses, nodes, people } = await start(way, more)

    const said: Promise<unknown>[] = []
    let lost = 0
    for (const round of [1, 2, 3]) {
      await sayAll(people, `calm ${round}`, 10)
      const before = (await logOf(nodes[0])).length
      said.push(sayAll(people, `storm ${round}`, 10))
      await redis.kill()
      await redis.loseTail(8_192)
      await redis.start()
      lost += Math.max(0, before - Number(await redis.ask('HGET', 'tidings:{general}:m', 'head')))
    }
    await Promise.all(said)
    await agreed(people, nodes[1], 180)
    for (const person of people) {
      const texts = textsOf(person)
      expect(texts).toHaveLength(180)
      expect(new Set(texts).size).toBe(180)
    }
    expect(lost).toBeGreaterThan(0)
    expect(losses.length).toBeGreaterThan(0)
  }

  it(
    'come back once when it dies before its disk has them, again and again under load',
    {
      timeout: 90_000,
    },
    () => diesAgainAndAgain({}),
  )

  it('come back once when most of what it had is in an archive that may have more than it', {
    timeout: 90_000,
  }, async () => {
    const folder = await temporaryFolder()
    ends.push(() => folder.remove())
    const file = join(folder.path, 'archive.db')
    await diesAgainAndAgain({ archive: file, keep: 10 })
    const database = await openDatabase(file)
    ends.push(() => void database.close())
    const ids = () => database.prepare('SELECT id FROM tidings_entries').all()
    await until(() => ids().length === 180)
    expect(new Set(ids().map((row) => Reflect.get(Object(row), 'id'))).size).toBe(180)
  })
})
