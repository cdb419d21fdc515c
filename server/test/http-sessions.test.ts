import { CLOSE, formatStamp, WIRE } from 'tidings/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { createEmbeddedServer, type EmbeddedServer, type EmbeddedServerOptions } from '../src/index.js'
import { openStream, type Stream } from './support/stream.js'

const SECRET = 'a secret that only this test knows, really'
let server: EmbeddedServer
const streams: Stream[] = []
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.hangUp()
  await server.close()
})

const start = async (options: EmbeddedServerOptions = {}) => {
  server = await createEmbeddedServer({ dev: true, secret: SECRET, ...options })
}
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.origin}${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const hello = (token: string, ...rooms: string[]) => ({
  ...{ type: 'hello', v: 1, device: 'd', token },
  rooms: rooms.map((room) => ({ room })),
})
const open = async (body: unknown, headers: Record<string, string> = {}): Promise<Stream> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const stream = await openStream(`${server.origin}/v1/stream`, { method: 'POST', headers, body: text })
  streams.push(stream)
  return stream
}
const sessionOf = async (stream: Stream): Promise<string> =>
  (await stream.says(/^event: session\ndata: \{"session":"([\w-]+)"\}\n\n/))[1] ?? ''
/** Somebody who was welcomed, and how they send. */
const enter = async (user: string, ...rooms: string[]) => {
  const token = await server.token(user)
  const stream = await open(hello(token, ...rooms))
  const session = await sessionOf(stream)
  await stream.says(/"type":"welcome"/)
  const authorization = `Bearer ${token}`
  const send = (...frames: unknown[]) => post('/v1/frames', { session, frames }, { authorization })
  return { stream, session, authorization, send }
}
const message = (id: string, body: unknown = { text: id }) => ({
  ...{ type: 'message', id, room: 'general', stamp: formatStamp(Date.now(), 0, 'over-http--'), body },
  ...{ attempt: 1, at: Date.now() },
})
const closeOf = async (stream: Stream): Promise<number> =>
  Number((await stream.says(/event: close\ndata: \{"code":(\d+),/))[1])
const refusal = async (answer: Response) => [answer.status, await answer.json()]

describe('a connection over HTTP', () => {
  it('is one answer that nothing on the way may keep, change or gather; its first event names the session', async () => {
    await start()
    const { stream, session } = await enter('alice')
    expect(stream.status).toBe(200)
    expect(Object.fromEntries(stream.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    expect(session.length).toBeGreaterThanOrEqual(20)
    expect(stream.text()).toMatch(/^event: session\n[^\n]+\n\ndata: .*"type":"welcome"/)
  })
  it('takes frames in their order, alone or in arrays, and answers by the stream', async () => {
    await start()
    const alice = await enter('alice', 'general')
    const bob = await enter('bob', 'general')
    const answer = await alice.send(message('m1'), [message('m2'), message('m3')])
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    await alice.stream.says(/"type":"ack","id":"m3"/)
    await bob.stream.says(/"id":"m1".*"id":"m2".*"id":"m3"/s)
  })
  it('is over for the server as soon as its client goes', async () => {
    await start()
    const { stream, session, authorization } = await enter('alice')
    expect(server.core.connections).toBe(1)
    stream.hangUp()
    await expect.poll(() => server.core.connections).toBe(0)
    expect((await post('/v1/frames', { session, frames: [] }, { authorization })).status).toBe(404)
  })
  it('tells why it ends by a last event', async () => {
    await start()
    for (const [body, code] of [
      [hello('forged'), CLOSE.unauthorised],
      [{ type: 'hello', v: 9, device: 'd' }, CLOSE.unsupportedVersion],
      [message('m1'), CLOSE.protocolError],
      ['no JSON', CLOSE.protocolError],
    ] as const) {
      const stream = await open(body)
      expect(await closeOf(stream)).toBe(code)
      expect(await stream.ended).toMatch(/^event: session\n.*\n\nevent: close\n.*\n\n$/)
    }
  })
  it('counts with the others of its user', async () => {
    await start({ limits: { connectionsPerUser: 1 } })
    await enter('alice')
    expect(await closeOf(await open(hello(await server.token('alice'))))).toBe(CLOSE.tooManyConnections)
  })
  it('is sent away with a slot when the server drains', async () => {
    await start()
    const { stream } = await enter('alice')
    await server.drain()
    const text = await stream.ended
    const [, slot] = /"type":"goaway","retryAfter":(\d+)/.exec(text) ?? []
    expect(text).toContain(`"reason":"{\\"code\\":\\"going_away\\",\\"retryAfter\\":${slot}}"`)
    expect(text).toContain(`"code":${CLOSE.goingAway}`)
  })
  it('is closed when its reader is too slow', { timeout: 20_000 }, async () => {
    await start({ limits: { rate: null } })
    // Nobody reads this answer.
    const slow = await fetch(`${server.origin}/v1/stream`, {
      method: 'POST',
      body: JSON.stringify(hello(await server.token('bob'), 'general')),
    })
    const isGone = () => server.core.connections === 0
    await expect.poll(isGone).toBe(false)
    const body = 'x'.repeat(30_000)
    for (let i = 0; i < 2_000 && !isGone(); i++) {
      await server.publish('general', body)
      // What is told leaves at the end of a turn.
      await new Promise(setImmediate)
    }
    expect(isGone()).toBe(true)
    await slow.body?.cancel()
  })
})

describe('a request that carries frames', () => {
  it('needs a token of the user whose session it is', async () => {
    await start()
    const alice = await enter('alice', 'general')
    const mallory = `Bearer ${await server.token('mallory')}`
    const wrong = [{}, { authorization: 'Bearer forged' }, { authorization: mallory }, { authorization: 'x' }]
    for (const headers of wrong) {
      const answer = await post(
        '/v1/frames',
        { session: alice.session, frames: [message('by somebody else')] },
        headers,
      )
      expect(await refusal(answer)).toMatchObject([401, { code: 'unauthorised', close: CLOSE.unauthorised }])
    }
    expect((await alice.send({ type: 'ping', t: 1 })).status).toBe(204)
    await alice.stream.says(/"type":"pong"/)
    expect(alice.stream.text()).not.toContain('by somebody else')
  })
  it('is refused for a session that there is not', async () => {
    await start()
    const authorization = `Bearer ${await server.token('alice')}`
    const answer = await post('/v1/frames', { session: 'guessed', frames: [] }, { authorization })
    expect(await refusal(answer)).toMatchObject([404, { code: 'unknown_session', close: CLOSE.stateLost }])
  })
  it('is refused when it does not fit its shape, or is too large', async () => {
    await start()
    const { session, authorization } = await enter('alice')
    for (const body of ['', 'x', '[]', { session }, { frames: [] }, { session, frames: {} }])
      expect(await refusal(await post('/v1/frames', body, { authorization }))).toMatchObject([
        400,
        { code: 'invalid', close: CLOSE.protocolError },
      ])
    const frames = [message('m', 'x'.repeat(WIRE.clientTextBytes + 2_000))]
    for (const [path, body] of [
      ['/v1/frames', { session, frames }],
      ['/v1/stream', hello('x'.repeat(WIRE.clientTextBytes))],
    ] as const)
      expect(await refusal(await post(path, body, { authorization }))).toMatchObject([
        413,
        { code: 'too_large', close: 1009 },
      ])
  })
  it('costs its neighbours nothing when one of its frames is bad', async () => {
    await start()
    const { stream, send } = await enter('alice')
    const deep = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`)
    expect((await send(deep, { type: 'ping' }, { type: 'ping', t: 7 })).status).toBe(204)
    await stream.says(/"type":"pong","t":7/)
  })
  it('takes the longest token there is', async () => {
    await start({ authorize: () => 'allow' })
    const rooms = Array.from({ length: 1_080 }, (_, i) => `room-${i}`)
    const token = await server.token('alice', { rooms })
    expect(token.length).toBeGreaterThan(15_000)
    const stream = await open(hello(token))
    const session = await sessionOf(stream)
    await stream.says(/"type":"welcome"/)
    const headers = { authorization: `Bearer ${token}`, 'x-other': 'y'.repeat(4_000) }
    expect((await post('/v1/frames', { session, frames: [] }, headers)).status).toBe(204)
  })
})

describe('pages of other origins, over HTTP', () => {
  const asks = (origin: string) =>
    fetch(`${server.origin}/v1/frames`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    })
  it('may connect when they are named, whole; all others are refused before anything is read', async () => {
    await start({ origins: ['https://chat.example'] })
    const named = await asks('https://chat.example')
    expect([named.status, Object.fromEntries(named.headers)]).toMatchObject([
      204,
      {
        'access-control-allow-origin': 'https://chat.example',
        'access-control-allow-headers': 'authorization, content-type',
        vary: 'Origin',
      },
    ])
    const body = hello(await server.token('alice'))
    expect((await open(body, { origin: 'https://chat.example' })).status).toBe(200)
    for (const origin of [
      'https://chat.example.evil',
      'http://chat.example',
      'null',
      'https://evil.example',
    ]) {
      expect((await asks(origin)).headers.has('access-control-allow-origin')).toBe(false)
      const answer = await post('/v1/stream', body, { origin })
      expect(answer.headers.has('access-control-allow-origin')).toBe(false)
      expect(await refusal(answer)).toMatchObject([403, { code: 'forbidden_origin', close: CLOSE.forbidden }])
    }
    expect(server.core.connections).toBe(1)
  })
})
