import { createServer } from 'node:http'
import { CLOSE, SUBPROTOCOL } from 'tidings/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { SERVER_LIMITS, type ServerLimits } from '../src/core/limits.js'
import type { Quota } from '../src/core/quotas.js'
import { createHttp } from '../src/http.js'
import { createEmbeddedServer, createMemoryLog, type EmbeddedServer } from '../src/index.js'
import { createOrigins } from '../src/origins.js'
import { createQuotas } from '../src/quotas.js'
import { createBench, frames } from './support/bench.js'
import { createTimeline } from './support/timeline.js'

/** So many of one thing within a minute, and of everything else as usual. */
const few = (quota: Quota, points: number) =>
  createQuotas({ allowances: { ...SERVER_LIMITS.quotas, [quota]: { points, seconds: 60 } } })

describe('a quota', () => {
  it('S121: is everybody’s own, and says when there is some again', async () => {
    const quotas = few('requests', 3)
    expect(await Promise.all([1, 2, 3].map(() => quotas.use('requests', 'alice')))).toEqual([0, 0, 0])
    const wait = await quotas.use('requests', 'alice')
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60_000)
    expect(await quotas.use('requests', 'bob')).toBe(0)
    expect(await quotas.use('changes', 'alice')).toBe(0)
  })
})

describe('quotas of connections', () => {
  it('turn an address away that tries too often, before its token is looked at, with a time to come back at', async () => {
    let checked = 0
    const bench = createBench({
      quotas: few('attempts', 2),
      verify: (token) => {
        checked += 1
        return { user: token ?? '' }
      },
    })
    const knock = async (address: string) => {
      const closes: (readonly [number, unknown])[] = []
      const inbound = bench.core.opened(
        {
          send: () => undefined,
          close: (code, reason) => void closes.push([code, JSON.parse(reason)]),
          bufferedAmount: 0,
        },
        { address },
      )
      inbound.received(JSON.stringify({ type: 'hello', v: 1, device: 'd', token: 'alice' }))
      await bench.settle()
      return closes
    }
    expect(await knock('192.0.2.1')).toEqual([])
    expect(await knock('192.0.2.1')).toEqual([])
    const turnedAway = { code: 'rate_limited', retryAfter: expect.any(Number) }
    expect(await knock('192.0.2.1')).toEqual([[CLOSE.rateLimited, turnedAway]])
    expect(checked).toBe(2)
    expect(await knock('192.0.2.2')).toEqual([])
  })

  it('turn a user away who connects too often, from wherever', async () => {
    const bench = createBench({ quotas: few('connections', 2) })
    await bench.join('alice')
    await bench.join('alice')
    const third = bench.connect('alice')
    await third.hello()
    expect(third.closed).toMatchObject({ code: CLOSE.rateLimited, reason: { code: 'rate_limited' } })
    const bob = await bench.join('bob')
    expect(bob.closed).toBeUndefined()
  })

  it('bound what a user writes over all connections, and nothing of it is lost', async () => {
    const bench = createBench({ quotas: few('operations', 3) })
    const { message } = frames(bench)
    const [phone, laptop] = [await bench.join('alice'), await bench.join('alice')]
    await phone.send(message('a'), message('b'))
    await laptop.send(message('c'), message('d'))
    await laptop.send(message('e'))
    expect(laptop.takeOnly('ack').map(({ id }) => id)).toEqual(['c', 'd'])
    await laptop.send(message('f'))
    const [refused] = laptop.takeOnly('nack')
    expect(refused).toMatchObject({ code: 'rate_limited', retryable: true })
    expect(refused?.retryAfter).toBeGreaterThan(0)
    const bob = await bench.join('bob')
    await bob.send(message('g'))
    expect(bob.takeOnly('ack')).toHaveLength(1)
  })
})

describe('quotas of requests', () => {
  let close = () => {}
  afterEach(() => close())

  it('tell whoever has used theirs up when to come back', async () => {
    const http = createHttp({
      log: createMemoryLog({ clock: createTimeline() }),
      verify: () => ({ user: 'alice' }),
      authorize: () => 'allow',
      origins: createOrigins(new Set()),
      ration: async () => 1_200,
      sees: undefined,
      files: undefined,
      devToken: undefined,
      routes: async () => false,
    })
    const server = createServer(http)
    close = () => {
      server.closeAllConnections()
      server.close()
    }
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    const answer = await fetch(`http://127.0.0.1:${port}/v1/sync?room=general`)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2'])
  })
})

describe('a whole server', () => {
  let server: EmbeddedServer | undefined
  afterEach(() => server?.close())
  const start = async (limits: Partial<ServerLimits>) => {
    server = await createEmbeddedServer({ dev: true, addressHeader: 'x-forwarded-for', limits })
    return server
  }
  const quotas = {
    ...SERVER_LIMITS.quotas,
    attempts: { points: 1, seconds: 60 },
    requests: { points: 2, seconds: 60 },
  }
  /** With which code the server closes on a client at this address whose token is none. */
  const knock = ({ url }: EmbeddedServer, address: string) =>
    new Promise<unknown>((resolve) => {
      const socket = new WebSocket(url, SUBPROTOCOL, { headers: { 'x-forwarded-for': address } })
      socket.on('open', () => socket.send('{"type":"hello","v":1,"device":"d","token":"none"}'))
      socket.on('close', (code) => resolve(code))
    })
  const read = async ({ origin, token }: EmbeddedServer, times: number) => {
    const authorization = `Bearer ${await token('alice')}`
    const statuses: number[] = []
    for (let i = 0; i < times; i++)
      statuses.push((await fetch(`${origin}/v1/sync?room=general`, { headers: { authorization } })).status)
    return statuses
  }

  it('counts attempts by the address behind its proxy, and requests by user', async () => {
    const running = await start({ quotas })
    expect(await knock(running, '192.0.2.1')).toBe(CLOSE.unauthorised)
    expect(await knock(running, '192.0.2.1')).toBe(CLOSE.rateLimited)
    expect(await knock(running, '192.0.2.2')).toBe(CLOSE.unauthorised)
    expect(await read(running, 3)).toEqual([200, 200, 429])
  })

  it('counts nothing where rates are not limited', async () => {
    const running = await start({ quotas, rate: null })
    for (let i = 0; i < 3; i++) expect(await knock(running, '192.0.2.1')).toBe(CLOSE.unauthorised)
    expect(await read(running, 3)).toEqual([200, 200, 200])
  })
})

describe('where a request comes from', () => {
  const asked = (headers: Readonly<Record<string, string>>, header?: string) => {
    const request = { headers, socket: { remoteAddress: '10.0.0.1' } }
    return createOrigins(new Set(), header).of(request).address
  }
  it('is its socket, whatever it says of itself', () => {
    expect(asked({ 'x-forwarded-for': '192.0.2.1' })).toBe('10.0.0.1')
  })
  it('is what the proxy in front says last, where that is known', () => {
    expect(asked({ 'x-forwarded-for': '198.51.100.7, 192.0.2.1' }, 'X-Forwarded-For')).toBe('192.0.2.1')
    expect(asked({ 'x-real-ip': '2001:db8::1' }, 'x-real-ip')).toBe('2001:db8::1')
  })
  it.each(['', 'unknown', '192.0.2.1, nobody'])('is the proxy where its header says "%s"', (value) => {
    expect(asked({ 'x-forwarded-for': value }, 'x-forwarded-for')).toBe('10.0.0.1')
    expect(asked({}, 'x-forwarded-for')).toBe('10.0.0.1')
  })
})
