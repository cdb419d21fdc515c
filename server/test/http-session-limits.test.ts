import { createServer, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { Verified } from '../src/index.js'
import { createOrigins } from '../src/origins.js'
import { nodeRandom } from '../src/platform.js'
import { createHttpSessions } from '../src/sockets/http-sessions.js'
import { createStreams } from '../src/streams.js'
import { createBench } from './support/bench.js'
import { openStream, type Stream } from './support/stream.js'

const MOST = 4
let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
})

/** Real requests, virtual time, and tokens that are checked when the test says so. */
async function start() {
  const checks: ((verified: Verified) => void)[] = []
  const verify = () => new Promise<Verified>((resolve) => checks.push(resolve))
  const bench = createBench({ verify })
  const { core, time: clock } = bench
  const sessions = createHttpSessions({ core, clock, random: nodeRandom, verify, freshPerAddress: MOST })
  const streams = createStreams({ sessions, clock, origins: createOrigins(new Set()) })
  server = createServer((request, response) => {
    void streams(`${request.method} ${request.url}`, request, response, new URLSearchParams())
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const post = (path: string, body: object): Promise<Stream> =>
    openStream(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify(body) })
  return {
    ...{ bench, checks, post },
    hello: () => post('/v1/stream', { type: 'hello', v: 1, device: 'd' }),
    async checked(verified: Verified = { user: 'alice' }) {
      for (const check of checks.splice(0)) check(verified)
      await bench.settle()
    },
  }
}

describe('connections over HTTP from one address', () => {
  it('are bounded while nobody has vouched for them, and not any more once their token was checked', async () => {
    const { hello, checked, checks } = await start()
    for (let i = 0; i < MOST; i++) await hello()
    expect(checks).toHaveLength(MOST)
    const refused = await hello()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.ended).toContain('"code":"rate_limited"')
    await checked()
    expect((await hello()).status).toBe(200)
  })
  it('are forgotten when they go', async () => {
    const { hello } = await start()
    const streams = []
    for (let i = 0; i < MOST; i++) streams.push(await hello())
    streams[0]?.hangUp()
    await expect.poll(async () => (await hello()).status).toBe(200)
  })
})

describe('a stream on which nothing happens', () => {
  it('shows every 15 s that it is there', async () => {
    const { bench, hello, checked } = await start()
    const stream = await hello()
    await checked()
    await stream.says(/welcome/)
    await bench.time.advance(5_000)
    expect(stream.text()).not.toMatch(/^:/m)
    await bench.time.advance(10_000)
    await stream.says(/^:$/m)
  })
})

describe('two requests of one session', () => {
  it('at the same time are one too many, since the second could overtake', async () => {
    const { hello, post, checked, checks } = await start()
    const stream = await hello()
    const [, session] = await stream.says(/"session":"([\w-]+)"/)
    await checked()
    await stream.says(/welcome/)
    const first = post('/v1/frames', { session, frames: [{ type: 'ping', t: 1 }] })
    await expect.poll(() => checks.length).toBe(1)
    const second = await post('/v1/frames', { session, frames: [{ type: 'ping', t: 2 }] })
    expect([second.status, await second.ended]).toEqual([409, expect.stringContaining('"code":"busy"')])
    await checked()
    expect((await first).status).toBe(204)
    await stream.says(/"type":"pong","t":1/)
    expect(stream.text()).not.toContain('"t":2')
  })
  it('are not taken once its stream is gone, even while the token is looked at', async () => {
    const { hello, post, checked, checks, bench } = await start()
    const stream = await hello()
    const [, session] = await stream.says(/"session":"([\w-]+)"/)
    await checked()
    const request = post('/v1/frames', { session, frames: [] })
    await expect.poll(() => checks.length).toBe(1)
    stream.hangUp()
    await expect.poll(() => bench.core.connections).toBe(0)
    await checked()
    expect((await request).status).toBe(404)
  })
})

describe('a body that does not come', () => {
  it('is waited for 10 s', async () => {
    const { bench } = await start()
    const address = server?.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/stream`
    const body = new ReadableStream({ start: (source) => source.enqueue(new TextEncoder().encode('{')) })
    let asked = false
    server?.once('request', () => {
      asked = true
    })
    const answer = fetch(url, { method: 'POST', body, ...{ duplex: 'half' } })
    await expect.poll(() => asked).toBe(true)
    await bench.time.advance(10_000)
    expect((await answer).status).toBe(408)
  })
})
