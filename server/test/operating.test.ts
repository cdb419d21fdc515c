import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createEmbeddedServer,
  type EmbeddedServer,
  type EmbeddedServerOptions,
  lineOf,
  type ServerEvent,
} from '../src/index.js'
import { createChecks, isReady } from '../src/operating/checks.js'
import { openStream } from './support/stream.js'
import { createTimeline } from './support/timeline.js'
import { change, SECRET, signed } from './support/webhook.js'

let server: EmbeddedServer
afterEach(() => server?.close())
const TOKEN = 'numbers for those who watch'
const start = async (options: EmbeddedServerOptions = {}) => {
  server = await createEmbeddedServer({ secret: SECRET, dev: true, ...options })
}
const numbers = async (token = TOKEN) => {
  const response = await fetch(`${server.origin}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}
/** The value of one line of the numbers. */
const numberOf = (text: string, name: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length))
}
const tellOf = async (more: Readonly<Record<string, unknown>> = {}) =>
  fetch(`${server.origin}/webhook`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await signed('tidings-webhook')}` },
    body: JSON.stringify(change(more)),
  })

describe('the numbers of a server', () => {
  it('count connections, texts, operations, pages and requests', async () => {
    await start({ metrics: { token: TOKEN } })
    const [standing] = await server.log.locate([{ room: 'records/blog/posts' }])
    await tellOf()
    await tellOf()
    await tellOf({ action: 'nonsense' })
    const authorization = `Bearer ${await server.token('alice')}`
    const reader = await openStream(`${server.origin}/v1/events?room=records/blog/posts&after=1.nowhere`, {
      headers: { authorization },
    })
    await reader.says(/reset/)
    const other = await openStream(
      `${server.origin}/v1/events?room=records/blog/posts&after=${standing?.cursor}`,
      {
        headers: { authorization },
      },
    )
    await expect.poll(async () => numberOf((await numbers()).text, 'tidings_page_seconds_count')).toBe(1)
    const during = await numbers()
    expect(numberOf(during.text, 'tidings_connections')).toBe(2)
    reader.hangUp()
    other.hangUp()
    await expect.poll(() => server.core.connections).toBe(0)
    const { status, type, text } = await numbers()
    expect([status, type]).toEqual([200, expect.stringContaining('text/plain')])
    expect(numberOf(text, 'tidings_connections')).toBe(0)
    expect(numberOf(text, 'tidings_connections_opened_total')).toBe(2)
    expect(numberOf(text, 'tidings_connections_closed_total{code="client"}')).toBe(2)
    expect(numberOf(text, 'tidings_operations_total{outcome="committed"}')).toBe(1)
    expect(numberOf(text, 'tidings_operations_total{outcome="repeated"}')).toBe(1)
    expect(numberOf(text, 'tidings_append_seconds_count')).toBe(2)
    expect(numberOf(text, 'tidings_lost_places_total{reason="unknown"}')).toBe(1)
    expect(numberOf(text, 'tidings_pages_total{answer="page"}')).toBe(1)
    expect(numberOf(text, 'tidings_page_seconds_count')).toBe(1)
    expect(numberOf(text, 'tidings_received_texts_total')).toBeGreaterThan(0)
    expect(numberOf(text, 'tidings_sent_bytes_total')).toBeGreaterThan(100)
    expect(numberOf(text, 'tidings_http_requests_total{path="/webhook",status="200"}')).toBe(2)
    expect(numberOf(text, 'tidings_http_requests_total{path="/webhook",status="400"}')).toBe(1)
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m)
  })

  it('have one name for all addresses that are none', async () => {
    await start({ metrics: { token: TOKEN } })
    for (const path of ['/a', '/b', '/c']) await fetch(`${server.origin}${path}`)
    const { text } = await numbers()
    expect(numberOf(text, 'tidings_http_requests_total{path="other",status="404"}')).toBe(3)
  })

  it('are there for whoever has their token alone', async () => {
    await start({ metrics: { token: TOKEN } })
    expect((await numbers('another token, of any length')).status).toBe(401)
    expect((await numbers(await server.token('alice'))).status).toBe(401)
    expect((await fetch(`${server.origin}/metrics`)).status).toBe(401)
    await server.close()
    await start()
    expect((await numbers()).status).toBe(404)
  })

  it('are not opened by a token that is guessed soon', async () => {
    await expect(createEmbeddedServer({ metrics: { token: 'short' } })).rejects.toThrow('16 characters')
    await start()
  })
})

describe('what a server tells of itself', () => {
  it('is who came and went and what was asked, and never a token, a query or a body', async () => {
    const events: ServerEvent[] = []
    await start({ tell: (event) => events.push(event) })
    const token = await server.token('alice')
    await tellOf({ record: 'a secret record' })
    await fetch(`${server.origin}/v1/sync?room=general&since=0`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const reader = await openStream(`${server.origin}/v1/events?room=general`, {
      headers: { authorization: `Bearer ${token}` },
    })
    reader.hangUp()
    await expect.poll(() => events.filter(({ is }) => is === 'closed').length).toBe(1)
    await server.drain()
    const lines = events.flatMap((event) => lineOf(event, 0) ?? [])
    const said = lines.map((line) => JSON.parse(line))
    expect(said).toContainEqual({
      ...{ time: '1970-01-01T00:00:00.000Z', level: 'info', event: 'answered', method: 'GET' },
      ...{ path: '/v1/sync', status: 200, ms: expect.any(Number) },
    })
    expect(said).toContainEqual(expect.objectContaining({ event: 'closed', user: 'alice' }))
    expect(said.map(({ event }) => event)).toContain('draining')
    for (const secret of [token, 'since=0', 'a secret record', 'room='])
      expect(lines.join('\n')).not.toContain(secret)
  })
})

describe('what load balancers ask', () => {
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`${server.origin}${path}`, { method })
    return [response.status, await response.text()]
  }

  it('is answered while all is well', async () => {
    await start()
    expect(await ask('/health')).toEqual([200, '{"status":"ok"}'])
    expect(await ask('/ready')).toEqual([200, '{"status":"ready"}'])
    expect(await ask('/ready', 'HEAD')).toEqual([200, ''])
  })

  it.each([
    ['does not answer', () => new Promise<never>(() => undefined)],
    ['fails', () => Promise.reject(new Error('The disk is gone.'))],
  ])('says that it is not ready while the log %s', async (_name, locate) => {
    const timeline = createTimeline()
    const ready = isReady({ locate }, timeline)
    await timeline.advance(1_000)
    expect(await ready).toBe(false)
    expect(timeline.timers).toBe(0)
  })

  it('is answered with 503 while the server sends its clients away', async () => {
    await start()
    const checks = createChecks({ log: server.log, clock: createTimeline(), isDraining: () => true })
    const http = createServer((request, response) => {
      void checks(`${request.method} ${request.url}`, request, response, new URLSearchParams())
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const address = http.address()
    const port = typeof address === 'object' ? address?.port : 0
    for (const path of ['/health', '/ready']) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      expect([response.status, await response.json()]).toEqual([503, { status: 'draining' }])
    }
    http.closeAllConnections()
    http.close()
  })
})
