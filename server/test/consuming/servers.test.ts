import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  type Batch,
  createEmbeddedServer,
  type EmbeddedServer,
  type EmbeddedServerOptions,
  type ServerEvent,
} from '../../src/index.js'
import { nodeClock } from '../../src/platform.js'
import { gate } from '../support/consuming.js'
import { temporaryFolder } from '../support/files.js'
import { until } from '../support/until.js'

const METRICS = { token: 'a token for the metrics' }

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let servers: EmbeddedServer[]
beforeEach(async () => {
  folder = await temporaryFolder()
  servers = []
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await folder.remove()
})

const serve = async (more: EmbeddedServerOptions = {}) => {
  const server = await createEmbeddedServer({ metrics: METRICS, ...more })
  servers.push(server)
  return server
}
const bodiesOf = (batches: readonly Batch[]) =>
  batches.flatMap(({ entries }) => entries.map(({ body }) => body))

it('workers of a server on a file go on after a restart where they were, also with what came in between', async () => {
  const data = join(folder.path, 'tidings.db')
  const batches: Batch[] = []
  const work = (server: EmbeddedServer) =>
    server.consume({ rooms: 'orders/*', group: 'indexer', handle: (batch) => void batches.push(batch) })
  const first = await serve({ data })
  await first.publish('orders/1', 'before there was a group')
  const consumer = await work(first)
  await first.publish('orders/1', 'first')
  await until(() => batches.length === 1)
  await consumer.close()
  await first.publish('orders/1', 'second')
  await first.publish('orders/2', 'third')
  await first.close()
  const second = await serve({ data })
  await work(second)
  await until(() => batches.length === 3)
  await second.publish('orders/1', 'fourth')
  await until(() => batches.length === 4)
  expect(bodiesOf(batches).sort()).toEqual(['first', 'fourth', 'second', 'third'])
})

it('a server counts what its workers take over and fail at, and waits for them before it goes', async () => {
  const events: ServerEvent[] = []
  const server = await serve({ tell: (event) => void events.push(event) })
  let attempts = 0
  const { opened, open } = gate()
  await server.consume({
    rooms: '*',
    group: 'indexer',
    async handle({ entries }) {
      attempts += 1
      if (attempts === 1) throw new Error('no')
      if (entries.some(({ body }) => body === 'second')) await opened
    },
  })
  await server.publish('orders/1', 'first')
  await until(() => events.some(({ is }) => is === 'consumed'))
  const authorization = `Bearer ${METRICS.token}`
  const metrics = await (await fetch(`${server.origin}/metrics`, { headers: { authorization } })).text()
  expect(metrics).toContain('tidings_consumed_entries_total{group="indexer"} 1')
  expect(metrics).toContain('tidings_consumer_failures_total{group="indexer"} 1')
  await server.publish('orders/1', 'second')
  await until(() => attempts === 3)
  let isDrained = false
  const draining = server.drain().then(() => {
    isDrained = true
  })
  const start = nodeClock.now()
  await until(() => nodeClock.now() - start > 1_000)
  expect(isDrained).toBe(false)
  open()
  await draining
  expect(events.filter(({ is }) => is === 'consumed')).toHaveLength(2)
})

it('a server does not wait for ever for a handler that does not end', async () => {
  const server = await serve()
  let isRunning = false
  await server.consume({
    rooms: '*',
    group: 'indexer',
    handle() {
      isRunning = true
      return new Promise(() => {})
    },
  })
  await server.publish('orders/1', 'first')
  await until(() => isRunning)
  await server.close()
})
