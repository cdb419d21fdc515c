import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type FetchTimestampPage,
  timestampPagesOverHttp,
} from '../../../src/core/messages/timestamp-pages.js'
import { coded, createBackend, many, type Row, START, setUp } from './timestamps.js'

describe('pages over HTTP', () => {
  const servers: { close(): void }[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  const rowOf = (row: unknown): Row | undefined => {
    if (typeof row !== 'object' || row === null) return undefined
    const id: unknown = Reflect.get(row, 'id')
    const at: unknown = Reflect.get(row, 'at')
    return typeof id === 'string' && typeof at === 'number' ? { id, at } : undefined
  }

  /** A real server that answers by `answer`. */
  const serve = async (
    answer: (url: URL, token: string | undefined) => { status?: number; text: string },
  ) => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(request.url ?? '')
      const { status = 200, text } = answer(
        new URL(request.url ?? '/', 'http://localhost'),
        request.headers.authorization,
      )
      response.writeHead(status).end(text)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}/messages?room=general`, seen }
  }

  const over = (url: string, token?: () => string): FetchTimestampPage<Row> =>
    timestampPagesOverHttp({
      url,
      fetch,
      rowOf,
      controller: () => new AbortController(),
      ...(token && { token }),
    })

  it('S67: reads a real server with equal timestamps across page edges', async () => {
    const backend = createBackend()
    backend.put(...many(120, (n) => START + Math.floor(n / 7) * 1_000))
    const { url, seen } = await serve((asked) => ({
      text: JSON.stringify(
        backend.page({
          since: Number(asked.searchParams.get('since')),
          limit: Number(asked.searchParams.get('limit')),
        }),
      ),
    }))
    const { told, sync } = setUp({ fetchPage: over(url) })
    expect(await sync.sync()).toBe(120)
    expect(new Set(told).size).toBe(120)
    expect(seen[0]).toBe('/messages?room=general&since=0&limit=10')
  })

  it('asks for no more than the server gives: 500 unless told', async () => {
    const backend = createBackend()
    backend.put(...many(900, () => START))
    const { url, seen } = await serve((asked) => {
      const limit = Number(asked.searchParams.get('limit'))
      return limit > 640
        ? { status: 400, text: '' }
        : { text: JSON.stringify(backend.page({ since: Number(asked.searchParams.get('since')), limit })) }
    })
    await expect(setUp({ fetchPage: over(url) }).sync.sync()).rejects.toEqual(coded('sync_stuck'))
    expect(seen.at(-1)).toContain('limit=500')
    const fetchPage = timestampPagesOverHttp({ url, fetch, rowOf, mostRows: 640 })
    await expect(setUp({ fetchPage }).sync.sync()).rejects.toEqual(coded('sync_stuck'))
    expect(seen.at(-1)).toContain('limit=640')
  })

  it('S73: sends the token as a header, never in the url', async () => {
    const { url, seen } = await serve((_asked, token) =>
      token === 'Bearer secret' ? { text: '{"messages":[],"hasMore":false}' } : { status: 401, text: '' },
    )
    const allowed = setUp({ fetchPage: over(url, () => 'secret') })
    expect(await allowed.sync.sync()).toBe(0)
    const refused = setUp({ fetchPage: over(url) })
    await expect(refused.sync.sync()).rejects.toEqual(coded('unauthorised'))
    expect(seen.join()).not.toContain('secret')
  })

  it.each([
    [403, '', 'room_refused'],
    [404, '', 'room_refused'],
    [429, '', 'server'],
    [500, '{"messages":[],"hasMore":false}', 'server'],
    [200, '<html>', 'bad_frame'],
    [200, '[]', 'bad_frame'],
    [200, '{"messages":[]}', 'bad_frame'],
    [200, '{"messages":{},"hasMore":true}', 'bad_frame'],
  ])('S73: looks at the answer: status %d with %j is %s', async (status, text, code) => {
    const { url } = await serve(() => ({ status, text }))
    await expect(setUp({ fetchPage: over(url) }).sync.sync()).rejects.toEqual(coded(code))
  })

  it('S73: types what goes wrong before there is an answer', async () => {
    const failing = () => {
      throw new Error('no token today')
    }
    const unreachable = setUp({ fetchPage: over('http://127.0.0.1:1/x') })
    await expect(unreachable.sync.sync()).rejects.toEqual(coded('server'))
    const tokenless = setUp({ fetchPage: over('http://127.0.0.1:1/x', failing) })
    await expect(tokenless.sync.sync()).rejects.toEqual(coded('token_failed'))
  })

  it('S73: aborts the request that is under way', async () => {
    const signals: AbortSignal[] = []
    const fetchPage = timestampPagesOverHttp<Row, AbortSignal>({
      url: 'http://127.0.0.1:1/x',
      rowOf,
      controller: () => new AbortController(),
      fetch: (_url, { signal }) => {
        if (signal) signals.push(signal)
        return new Promise(() => {})
      },
    })
    const { timeline, sync } = setUp({ fetchPage, timeoutMs: 500 })
    const run = expect(sync.sync()).rejects.toEqual(coded('server'))
    await timeline.advance(500)
    await run
    expect(signals.map((signal) => signal.aborted)).toEqual([true])
  })

  it('asks for nothing that is not wanted any more when its token comes', async () => {
    const aborted: (boolean | undefined)[] = []
    const tokens: (() => void)[] = []
    const fetchPage = timestampPagesOverHttp<Row, AbortSignal>({
      url: 'http://127.0.0.1:1/x',
      rowOf,
      controller: () => new AbortController(),
      token: () => new Promise((resolve) => tokens.push(() => resolve('late'))),
      fetch: (_url, { signal }) => {
        aborted.push(signal?.aborted)
        return new Promise(() => {})
      },
    })
    const { timeline, sync } = setUp({ fetchPage, timeoutMs: 500 })
    const run = expect(sync.sync()).rejects.toEqual(coded('server'))
    await timeline.advance(500)
    await run
    for (const come of tokens) come()
    await timeline.advance(1)
    expect(aborted).toEqual([true])
  })

  it('counts rows that cannot be read and takes the others', async () => {
    const { url } = await serve(() => ({
      text: JSON.stringify({
        messages: [{ id: 'a', at: 1 }, 7, null, { id: 'b', at: 'soon' }],
        hasMore: false,
      }),
    }))
    const { told, errors, sync } = setUp({ fetchPage: over(url) })
    expect(await sync.sync()).toBe(1)
    expect([told, errors]).toEqual([['a'], ['bad_entry']])
  })

  it('counts a row at which the application throws, and takes the others', async () => {
    const { url } = await serve(() => ({ text: '{"messages":[{"id":"a","at":1},null],"hasMore":false}' }))
    const strict = (row: unknown): Row => {
      const read = rowOf(row)
      if (read) return read
      throw new TypeError('This is no row.')
    }
    const { told, errors, sync } = setUp({ fetchPage: timestampPagesOverHttp({ url, fetch, rowOf: strict }) })
    expect(await sync.sync()).toBe(1)
    expect([told, errors]).toEqual([['a'], ['bad_entry']])
  })
})
