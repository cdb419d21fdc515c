import { afterEach, describe, expect, it } from 'vitest'
import {
  createEmbeddedServer,
  type EmbeddedServer,
  type EmbeddedServerOptions,
  SERVER_LIMITS,
} from '../src/index.js'
import { createTickets, TICKET_MS } from '../src/tickets.js'
import { openStream, type Stream } from './support/stream.js'
import { createCounting, createTimeline } from './support/timeline.js'

let server: EmbeddedServer
const streams: Stream[] = []
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.hangUp()
  await server?.close()
})
const start = async (options: EmbeddedServerOptions = {}) => {
  server = await createEmbeddedServer({ dev: true, ...options })
}
const bearer = async (user = 'alice') => ({ authorization: `Bearer ${await server.token(user)}` })
const askTicket = (headers: Record<string, string> = {}) =>
  fetch(`${server.origin}/v1/ticket`, { method: 'POST', headers })
const read = async (query: string, headers: Record<string, string> = {}): Promise<Stream> => {
  const stream = await openStream(`${server.origin}/v1/events?${query}`, { headers })
  streams.push(stream)
  return stream
}
/** With a token in the head, as a program would. */
const look = async (query = 'room=general', headers: Record<string, string> = {}) =>
  read(query, { ...(await bearer()), ...headers })

interface Told {
  readonly event: string
  readonly id: string | undefined
  readonly data: readonly Record<string, unknown>[]
}
/** The events that a stream has told, as an EventSource would. */
const toldBy = (stream: Stream): readonly Told[] =>
  stream
    .text()
    .split('\n\n')
    .slice(0, -1)
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1] ?? 'message',
      id: /^id: (.*)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '[]'),
    }))
const bodies = (stream: Stream) => toldBy(stream).flatMap(({ data }) => [data].flat().map(({ body }) => body))
const head = async () => (await server.log.locate([{ room: 'general' }]))[0]?.cursor
const lastId = (stream: Stream) => toldBy(stream).findLast(({ id }) => id !== undefined)?.id ?? ''

describe('events of a room, for an EventSource', () => {
  it('are what is new: each a list of entries, with the position as its id', async () => {
    await start()
    await server.publish('general', 'before')
    const stream = await look()
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    await server.publish('general', 'one')
    await server.publish('general', 'two')
    await stream.says(/two/)
    expect(toldBy(stream)).toMatchObject([
      {
        event: 'message',
        id: expect.any(String),
        data: [{ seq: 2, body: 'one', from: 'server' }],
      },
      { event: 'message', id: await head(), data: [{ seq: 3, body: 'two' }] },
    ])
  })
  it.each(['the header that a browser sends', 'the address'])(
    'S150: go on where a reader was, told by %s',
    async (where) => {
      await start()
      const first = await look()
      await server.publish('general', 0)
      await first.says(/"body":0/)
      const at = lastId(first)
      first.hangUp()
      // More than two pages, and more while they are read.
      const all = Array.from({ length: 450 }, (_, i) => i + 1)
      for (const body of all.slice(0, 440)) await server.publish('general', body)
      const again = where.includes('header')
        ? await look('room=general', { 'last-event-id': at })
        : await look(`room=general&after=${encodeURIComponent(at)}`)
      for (const body of all.slice(440)) await server.publish('general', body)
      await again.says(/"body":450\b/)
      expect(bodies(again)).toEqual(all)
      expect(lastId(again)).toBe(await head())
    },
  )
  it('say `reset` where a position is not recognised, and go on with what is new', async () => {
    await start()
    await server.publish('general', 'old')
    const stream = await look('room=general', { 'last-event-id': '9.nowhere' })
    await stream.says(/event: reset/)
    await server.publish('general', 'new')
    await stream.says(/"new"/)
    expect(toldBy(stream)).toMatchObject([
      { event: 'reset', id: expect.any(String), data: { reason: 'unknown', head: 1 } },
      { event: 'message', id: expect.any(String), data: [{ body: 'new' }] },
    ])
  })
  it('move on past what the reader may not see, without a word', async () => {
    await start({ sees: (_, { text }) => !text.includes('secret') })
    const stream = await look()
    await server.publish('general', 'secret')
    await server.publish('general', 'open')
    await stream.says(/"open"/)
    expect(toldBy(stream)).toMatchObject([{ id: expect.any(String), data: [] }, { data: [{ seq: 2 }] }])
    expect(stream.text()).not.toContain('secret')
  })
  it('show nobody as present', async () => {
    await start()
    await look()
    await expect.poll(() => server.online({ room: 'general' })).toEqual([])
    expect((await server.online()).filter(({ status }) => status !== 'offline')).toEqual([])
  })
  it('end with the right to read, and are refused after that', async () => {
    let allowed = true
    await start({ authorize: () => (allowed ? 'allow' : 'not_member') })
    const stream = await look()
    allowed = false
    server.core.kick('alice', 'general', 'not_member')
    await stream.ended
    const refused = await look()
    expect([refused.status, JSON.parse(await refused.ended).code]).toEqual([403, 'not_member'])
  })
  it('end with the server, which says when to come back', async () => {
    await start()
    const stream = await look()
    await server.drain()
    expect(await stream.ended).toMatch(/^retry: \d+\n\n/)
  })
  it('leave no connection behind', async () => {
    await start()
    const stream = await look()
    expect(server.core.connections).toBe(1)
    stream.hangUp()
    await expect.poll(() => server.core.connections).toBe(0)
  })
  it('are refused where the room or the position is none', async () => {
    await start()
    expect((await look('room=')).status).toBe(400)
    expect((await look(`room=r&after=${'x'.repeat(200)}`)).status).toBe(400)
  })
})

describe('who may read events', () => {
  it('comes with a ticket, which is good once', async () => {
    await start()
    const answer = await askTicket(await bearer())
    const { ticket, expiresIn } = await answer.json()
    expect([answer.status, expiresIn]).toEqual([200, TICKET_MS])
    expect((await read(`room=general&ticket=${ticket}`)).status).toBe(200)
    expect((await read(`room=general&ticket=${ticket}`)).status).toBe(401)
    expect((await read('room=general&ticket=guessed')).status).toBe(401)
    // A ticket that is no good is not made good by anything else.
    expect((await look('room=general&ticket=guessed')).status).toBe(401)
  })
  it('gets a ticket for a token alone, and not too many', async () => {
    await start({ limits: { quotas: { ...SERVER_LIMITS.quotas, requests: { points: 3, seconds: 60 } } } })
    for (const headers of [{}, { authorization: 'Bearer forged' }])
      expect((await askTicket(headers)).status).toBe(401)
    const headers = await bearer()
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await askTicket(headers)).status)
    expect(statuses).toEqual([200, 200, 200, 429])
  })
  it('comes with a cookie, from pages of the same origin only', async () => {
    await start({ origins: ['https://chat.example'] })
    const cookie = `theme=dark; tidings_token=${await server.token('alice')}`
    const own = { cookie, 'sec-fetch-site': 'same-origin' }
    expect((await read('room=general', own)).status).toBe(200)
    expect((await read('room=general', { cookie })).status).toBe(200)
    for (const others of [
      { cookie, 'sec-fetch-site': 'cross-site' },
      { cookie, 'sec-fetch-site': 'same-site' },
      { cookie, origin: 'https://chat.example' },
      { cookie: 'tidings_token=forged' },
      {},
    ])
      expect((await read('room=general', others)).status).toBe(401)
  })
  it('is nobody without a token that is valid now', async () => {
    await start()
    const ended = { authorization: `Bearer ${await server.token('alice', { lifeMs: -1_000 })}` }
    const answer = await read('room=general', ended)
    expect([answer.status, JSON.parse(await answer.ended).code]).toEqual([401, 'token_expired'])
  })
})

describe('tickets', () => {
  it('are good for 30 s', async () => {
    const time = createTimeline()
    const tickets = createTickets(time, createCounting())
    const [early, late] = [tickets.issue('token'), tickets.issue('token')]
    await time.advance(TICKET_MS - 1)
    expect(tickets.take(early)).toBe('token')
    await time.advance(1)
    expect(tickets.take(late)).toBeUndefined()
  })
  it('are bounded: those that wait the longest make room', () => {
    const tickets = createTickets(createTimeline(), createCounting())
    const first = tickets.issue('first')
    for (let i = 0; i < 10_000; i++) tickets.issue('more')
    expect(tickets.take(first)).toBeUndefined()
  })
})
