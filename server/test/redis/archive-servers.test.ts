import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createEmbeddedServer, type Operation, type ServerEvent } from '../../src/index.js'
import { openDatabase } from '../../src/log/sqlite-driver.js'
import { type Built, buildServer } from '../support/built.js'
import { temporaryFolder } from '../support/files.js'
import { createPerson } from '../support/person.js'
import { type PostgresServer, startPostgres } from '../support/postgres.js'
import { describeRedis, type RedisProcess, startRedis } from '../support/redis.js'
import { until } from '../support/until.js'

const KEEP = 20
const SECRET = 's'.repeat(32)

describeRedis('servers with --redis and --archive', () => {
  let built: Built
  let redis: RedisProcess
  let postgres: PostgresServer
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let ends: (() => unknown)[]
  beforeAll(async () => {
    built = await buildServer('archive-servers')
    postgres = await startPostgres()
  })
  afterAll(async () => {
    await built.remove()
    await postgres.stop()
  })
  beforeEach(async () => {
    redis = await startRedis()
    folder = await temporaryFolder()
    ends = [() => redis.remove(), () => folder.remove()]
  })
  afterEach(async () => {
    for (const end of ends.reverse()) await end()
  })

  const create = (id: string): Operation => ({
    ...{ room: 'general', author: 'writer', id, kind: 'create', stamp: '0mabcdefg0000node-------' },
    body: JSON.stringify({ text: id }),
  })
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
  const moved = () => until(async () => Number(await redis.ask('XLEN', 'tidings:{general}:l')) === KEEP)

  for (const kind of ['SQLite', 'PostgreSQL'])
    it(`show whoever comes back after long everything, from ${kind}, and reset nobody`, {
      timeout: 90_000,
    }, async () => {
      const events: ServerEvent[] = []
      const archive = kind === 'SQLite' ? join(folder.path, 'archive.db') : postgres.url
      const serve = async () => {
        const options = { redis: redis.url, archive, keep: KEEP, secret: SECRET, dev: true }
        const server = await createEmbeddedServer({
          ...{ ...options, limits: { rate: null }, tell: (event) => void events.push(event) },
        })
        ends.push(() => server.close())
        return server
      }
      const [one, two] = [await serve(), await serve()]
      const [alice, bob] = [createPerson('alice', 1, one), createPerson('bob', 2, two)]
      ends.push(
        () => alice.end(),
        () => bob.end(),
      )
      const first = await alice.say('first')
      await until(() => bob.shown().length === 1)
      bob.client.disconnect()
      await one.log.append(upTo(300).map((i) => create(`m${i}`)))
      await moved()
      await alice.room.edit(first, { text: 'first, edited' }).confirmed()
      bob.client.connect()
      await until(() => bob.shown().length === 301 && bob.shown()[0]?.[1] === 'first, edited')
      expect(bob.shown().map(([, text]) => text)).toEqual(alice.shown().map(([, text]) => text))
      expect(events.filter(({ is }) => is === 'lost' || is === 'unarchived')).toEqual([])
    })

  it('have each position once, however often they are killed while they move it', {
    timeout: 90_000,
  }, async () => {
    const file = join(folder.path, 'archive.db')
    const words = ['--dev', '--port', '0', '--redis', redis.url, '--archive', file, '--keep', String(KEEP)]
    const start = () => {
      const child = spawn(process.execPath, [built.program, ...words], { stdio: 'ignore', cwd: folder.path })
      ends.push(() => child.kill('SIGKILL'))
      return child
    }
    const kill = async (child: ChildProcess) => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    const writer = await createEmbeddedServer({ redis: redis.url, archive: file, keep: KEEP, secret: SECRET })
    ends.push(() => writer.close())
    const archived = async () => {
      const database = await openDatabase(file)
      const rows = database.prepare('SELECT seq, id FROM tidings_entries ORDER BY seq').all()
      database.close()
      return rows.map((row) => [Reflect.get(Object(row), 'seq'), Reflect.get(Object(row), 'id')])
    }
    let written = 0
    let kills = 0
    const children = [start(), start()]
    while (kills < 4) {
      const before = (await archived()).length
      await writer.log.append(upTo(400).map((i) => create(`m${written + i}`)))
      written += 400
      // Whoever moves it is in the middle of it.
      await until(async () => (await archived()).length > before)
      const [first] = children.splice(0, 1)
      if (first) await kill(first)
      kills += 1
      children.push(start())
    }
    await until(async () => (await archived()).length === written)
    await moved()
    expect(await archived()).toEqual(upTo(written).map((i) => [i, `m${i}`]))
  })
})
