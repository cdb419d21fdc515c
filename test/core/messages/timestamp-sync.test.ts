import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type FetchTimestampPage,
  timestampPagesOverFrames,
  timestampPagesOverHttp,
} from '../../../src/core/messages/timestamp-pages.js'
import {
  createTimestampSync,
  stampOfTimestamp,
  type TimestampPosition,
  type TimestampSyncParts,
} from '../../../src/core/messages/timestamp-sync.js'
import {
  type ClientFrame,
  decodeServerText,
  encodeFrames,
  STAMP_PATTERN,
} from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/timeline.js'

interface Row {
  readonly id: string
  readonly at: number
  readonly text?: string
}

const START = 1_704_067_200_000

/** An honest backend without cursors: rows by (time, id), inclusive, at most `cap` a page. */
const createBackend = (cap = 100_000) => {
  const rows: Row[] = []
  const asked: { since: number; limit: number }[] = []
  return {
    rows,
    asked,
    put: (...more: Row[]) => rows.push(...more),
    page({ since, limit }: { since: number; limit: number }) {
      asked.push({ since, limit })
      const found = rows
        .filter((row) => row.at >= since)
        .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
      const count = Math.min(limit, cap)
      return { messages: found.slice(0, count), hasMore: found.length > count }
    },
  }
}

/** What a device keeps: rows and position change together or not at all. */
const createDisk = () => {
  const disk = {
    rows: [] as Row[],
    position: undefined as TimestampPosition | undefined,
    full: false,
    load: async () => disk.position,
    commit: async (messages: readonly Row[], position: TimestampPosition) => {
      if (disk.full) throw new Error('the disk is full')
      disk.rows.push(...messages)
      // What a real store keeps is JSON.
      disk.position = JSON.parse(JSON.stringify(position))
    },
  }
  return disk
}

const setUp = (
  options: Partial<TimestampSyncParts<Row>> = {},
  backend = createBackend(),
  disk = createDisk(),
) => {
  const timeline = createTimeline({ turns: 2 })
  const told: string[] = []
  const errors: string[] = []
  const make = () =>
    createTimestampSync<Row>({
      clock: timeline.clock(),
      fetchPage: async (request) => backend.page(request),
      idOf: (row) => row.id,
      timestampOf: (row) => row.at,
      store: disk,
      onMessages: (rows) => told.push(...rows.map((row) => row.id)),
      onError: (error) => errors.push(error.code),
      limit: 10,
      ...options,
    })
  return { timeline, backend, disk, told, errors, sync: make(), restart: make }
}

const many = (count: number, at: (n: number) => number): Row[] =>
  Array.from({ length: count }, (_, n) => ({ id: `m${String(n).padStart(5, '0')}`, at: at(n) }))

const coded = (code: string) => expect.objectContaining({ name: 'TidingsError', code })

describe('catching up by timestamps', () => {
  it('S66: reads page after page to the end', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(95, (n) => START + n * 1_000))
    expect(await sync.sync()).toBe(95)
    expect(told).toEqual(backend.rows.map((row) => row.id))
  })

  it('S67: loses nothing where one timestamp lies on both sides of a page edge', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(40, (n) => START + Math.floor(n / 4) * 1_000))
    await sync.sync()
    expect(told).toEqual(backend.rows.map((row) => row.id))
  })

  it('S67: gets past more rows of one timestamp than a page holds, by asking for longer pages', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(300, (n) => (n < 5 ? START : n < 200 ? START + 1 : START + 2)))
    await sync.sync()
    expect([...told].sort()).toEqual(backend.rows.map((row) => row.id))
    expect(new Set(told).size).toBe(300)
  })

  it('S67: reads more rows in a minute than a page holds, once, over many runs', async () => {
    const { backend, told, sync, restart } = setUp()
    backend.put(...many(500, (n) => START + n * 10))
    await sync.sync()
    backend.put({ id: 'next', at: START + 5_001 })
    expect(await restart().sync()).toBe(1)
    expect(told).toHaveLength(501)
    expect(new Set(told).size).toBe(501)
  })

  it('asks first for a minute before its position, then from the largest timestamp received', async () => {
    const { backend, sync, restart } = setUp()
    backend.put(...many(30, (n) => START + n * 10_000))
    await sync.sync()
    expect(backend.asked.map(({ since }) => since)).toEqual([
      0,
      START + 90_000,
      START + 180_000,
      START + 270_000,
    ])
    backend.asked.length = 0
    await restart().sync()
    expect(backend.asked[0]).toEqual({ since: START + 290_000 - 60_000, limit: 10 })
  })

  it('never asks by the clock of the device', async () => {
    const { timeline, backend, sync, restart } = setUp()
    backend.put(...many(3, (n) => START + n))
    await sync.sync()
    await timeline.advance(3_600_000)
    await restart().sync()
    expect(backend.asked.at(-1)?.since).toBe(START + 2 - 60_000)
  })

  it('S68: follows hasMore, and stops with a typed error when a server repeats itself', async () => {
    const repeats = many(10, (n) => START + n)
    const asked: number[] = []
    const { told, sync } = setUp({
      fetchPage: async ({ since, limit }) => {
        asked.push(limit)
        return { messages: repeats.filter((row) => row.at >= since), hasMore: true }
      },
    })
    await expect(sync.sync()).rejects.toEqual(coded('sync_stuck'))
    expect(told).toHaveLength(10)
    expect(asked.length).toBeLessThan(10)
  })

  it.each([
    ['empty pages', { messages: [], hasMore: true }],
    ['nothing but rows that cannot be read', { messages: [], unreadable: 10, hasMore: true }],
  ])('S68: stops with a typed error when a server sends %s for ever', async (_name, page) => {
    const { sync } = setUp({ fetchPage: async () => page })
    await expect(sync.sync()).rejects.toEqual(coded('sync_stuck'))
  })

  it('S68: stops with a typed error when more rows share a timestamp than the server ever sends at once', async () => {
    const backend = createBackend(20)
    const { told, sync } = setUp({}, backend)
    backend.put(...many(50, () => START))
    await expect(sync.sync()).rejects.toEqual(coded('sync_stuck'))
    expect(told).toHaveLength(20)
  })

  it('asks for longer pages as soon as one shares a timestamp, or brings nothing new', async () => {
    const shared = setUp()
    shared.backend.put(...many(70, () => START))
    await shared.sync.sync()
    expect(shared.backend.asked.map(({ limit }) => limit)).toEqual([10, 20, 40, 80])
    const known = setUp()
    known.backend.put(...many(55, (n) => START + n * 1_000))
    await known.sync.sync()
    known.backend.asked.length = 0
    await known.restart().sync()
    expect(known.backend.asked.map(({ limit }) => limit)).toEqual([10, 20, 40])
  })

  it('S68: takes longer pages of what it knows for progress, not for a server that repeats itself', async () => {
    const { backend, told, sync, restart } = setUp()
    backend.put(...many(400, () => START))
    await sync.sync()
    backend.put({ id: 'new', at: START + 1 })
    expect(await restart().sync()).toBe(1)
    expect(told.at(-1)).toBe('new')
  })

  it('S69: keeps nothing to itself and tells nothing twice on the second sync', async () => {
    const { backend, told, disk, sync } = setUp()
    backend.put(...many(25, (n) => START + n * 1_000))
    await sync.sync()
    expect(await sync.sync()).toBe(0)
    expect(told).toHaveLength(25)
    backend.put(...many(1, () => START + 3_600_000).map((row) => ({ ...row, id: 'later' })))
    await sync.sync()
    expect(disk.position?.seen).toEqual([['later', START + 3_600_000]])
  })

  it('S70: stores the position with what it covers, and goes on from there after a restart', async () => {
    const { backend, disk, told, sync, restart } = setUp()
    backend.put(...many(25, (n) => START + n * 60_000))
    await sync.sync()
    expect(disk.position?.timestamp).toBe(START + 24 * 60_000)
    expect(disk.rows).toHaveLength(25)
    backend.put({ id: 'new', at: START + 25 * 60_000 })
    expect(await restart().sync()).toBe(1)
    expect(told.at(-1)).toBe('new')
  })

  it('S70: neither tells nor moves on when the store fails, and repeats nothing afterwards', async () => {
    const { backend, disk, told, sync } = setUp()
    backend.put(...many(25, (n) => START + n * 1_000))
    disk.full = true
    await expect(sync.sync()).rejects.toEqual(coded('storage'))
    expect([told.length, disk.position]).toEqual([0, undefined])
    disk.full = false
    expect(await sync.sync()).toBe(25)
    expect(told).toHaveLength(25)
  })

  it('S71: who asks during a run gets the same promise, and the whole of it', async () => {
    const { backend, sync } = setUp()
    backend.put(...many(95, (n) => START + n * 1_000))
    const first = sync.sync()
    expect(sync.sync()).toBe(first)
    expect(await first).toBe(95)
    expect(sync.sync()).not.toBe(first)
  })

  it('S72: a listener that throws stops neither the run nor the position', async () => {
    const { backend, disk, errors, sync } = setUp({
      onMessages: () => {
        throw new Error('the page failed')
      },
    })
    backend.put(...many(25, (n) => START + n * 1_000))
    expect(await sync.sync()).toBe(25)
    expect(disk.position?.timestamp).toBe(START + 24_000)
    expect(new Set(errors)).toEqual(new Set(['listener']))
  })

  it('S73: gives up a page that does not come, aborts it, and goes on at the next sync', async () => {
    let silent = true
    let aborted = 0
    const backend = createBackend()
    const { timeline, told, sync } = setUp(
      {
        timeoutMs: 4_000,
        fetchPage: ({ onAbort, ...request }) => {
          if (!silent) return Promise.resolve(backend.page(request))
          onAbort(() => aborted++)
          return new Promise(() => {})
        },
      },
      backend,
    )
    backend.put(...many(3, (n) => START + n))
    const run = sync.sync()
    const verdict = expect(run).rejects.toEqual(coded('server'))
    await timeline.advance(3_999)
    expect(aborted).toBe(0)
    await timeline.advance(1)
    await verdict
    expect([aborted, timeline.pending]).toEqual([1, 0])
    silent = false
    expect(await sync.sync()).toBe(3)
    expect(told).toHaveLength(3)
    expect(timeline.pending).toBe(0)
  })

  it('S73: an answer that comes after its page was given up changes nothing', async () => {
    const answers: ((page: { messages: Row[]; hasMore: boolean }) => void)[] = []
    const { timeline, told, sync } = setUp({
      timeoutMs: 1_000,
      fetchPage: () => new Promise((resolve) => answers.push(resolve)),
    })
    const first = expect(sync.sync()).rejects.toEqual(coded('server'))
    await timeline.advance(1_000)
    await first
    const second = expect(sync.sync()).rejects.toEqual(coded('server'))
    await timeline.settle()
    answers[0]?.({ messages: many(3, () => START), hasMore: false })
    await timeline.advance(1_000)
    await second
    expect(told).toEqual([])
  })

  it('S73: stops when told to, in the middle of a page, and leaves no timer', async () => {
    const { timeline, sync } = setUp({ fetchPage: () => new Promise(() => {}) })
    const run = expect(sync.sync()).rejects.toEqual(coded('destroyed'))
    await timeline.settle()
    expect(timeline.pending).toBe(1)
    sync.stop()
    await run
    expect(timeline.pending).toBe(0)
    await expect(sync.sync()).rejects.toEqual(coded('destroyed'))
    await expect(sync.receive([])).rejects.toEqual(coded('destroyed'))
  })

  it('S73: a fetcher that throws is an error of the run, with a type, and leaves no timer', async () => {
    const { timeline, sync } = setUp({
      fetchPage: () => {
        throw new Error('no network')
      },
    })
    await expect(sync.sync()).rejects.toEqual(coded('server'))
    expect(timeline.pending).toBe(0)
  })

  it('S74: merges what arrives by itself during a run: each message once, whichever way is faster', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(35, (n) => START + n * 1_000))
    const run = sync.sync()
    await sync.receive([{ id: 'm00030', at: START + 30_000 }])
    await run
    await sync.receive([{ id: 'm00034', at: START + 34_000 }])
    expect(told).toHaveLength(35)
    expect(new Set(told).size).toBe(35)
  })

  it('S74: tells a message once that arrives twice at the same moment', async () => {
    const { told, sync } = setUp()
    const live = { id: 'live', at: START }
    await Promise.all([sync.receive([live]), sync.receive([live, live])])
    expect(told).toEqual(['live'])
  })

  it('S74: what arrives by itself never moves the position past what lies between', async () => {
    const { backend, disk, told, sync, restart } = setUp()
    backend.put(...many(5, (n) => START + n))
    await sync.sync()
    const before = disk.position?.timestamp
    const live = { id: 'live', at: START + 500_000 }
    await sync.receive([live])
    expect(disk.position?.timestamp).toBe(before)
    backend.put({ id: 'between', at: START + 100_000 }, live)
    await restart().sync()
    expect(told.slice(-2)).toEqual(['live', 'between'])
  })

  it('S75: finds rows that were committed up to a minute after their timestamp', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(25, (n) => START + n * 5_000))
    await sync.sync()
    backend.put({ id: 'slow', at: START + 24 * 5_000 - 59_000 })
    expect(await sync.sync()).toBe(1)
    expect(told.at(-1)).toBe('slow')
  })

  it('S76: a row that changed, and so has a greater timestamp, is told again as it is now', async () => {
    const { backend, disk, sync } = setUp()
    backend.put(...many(3, (n) => START + n))
    await sync.sync()
    backend.rows[1] = { id: 'm00001', at: START + 9_000, text: 'edited' }
    expect(await sync.sync()).toBe(1)
    expect(disk.rows.at(-1)).toEqual({ id: 'm00001', at: START + 9_000, text: 'edited' })
    expect(await sync.sync()).toBe(0)
  })

  it('skips rows that cannot be placed, says so, and goes on', async () => {
    const { backend, told, errors, sync } = setUp()
    backend.put(...many(3, (n) => START + n), { id: '', at: START + 5 }, { id: 'half', at: START + 0.5 })
    expect(await sync.sync()).toBe(3)
    expect(told).toHaveLength(3)
    expect(errors).toEqual(['bad_entry'])
  })

  it('takes nothing of a page that is not oldest first: its position would pass what was never sent', async () => {
    const { disk, told, sync } = setUp({
      fetchPage: async () => ({ messages: many(10, (n) => START - n), hasMore: true }),
    })
    await expect(sync.sync()).rejects.toEqual(coded('bad_frame'))
    expect([told.length, disk.position]).toEqual([0, undefined])
  })

  it('reads everything again when the stored position is damaged, and says so', async () => {
    const disk = createDisk()
    disk.position = JSON.parse('{"timestamp":"5","seen":null}')
    const { backend, errors, sync } = setUp({}, createBackend(), disk)
    backend.put(...many(3, (n) => START + n))
    expect(await sync.sync()).toBe(3)
    expect(errors).toEqual(['bad_record'])
  })

  it('tells every row once, whatever the times and page sizes, over runs between which rows are added', async () => {
    const batch = fc.array(fc.nat(30), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (batches, limit) => {
          const { backend, told, restart } = setUp({ limit })
          let n = 0
          for (const times of batches) {
            for (const at of times) backend.put({ id: `r${n++}`, at: START + at * 1_000 })
            await restart().sync()
            expect([...told].sort()).toEqual(backend.rows.map((row) => row.id).sort())
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('makes stamps of timestamps that sort as they do', () => {
    expect(stampOfTimestamp(START)).toMatch(STAMP_PATTERN)
    expect(stampOfTimestamp(START) < stampOfTimestamp(START + 1)).toBe(true)
  })
})

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
})

describe('pages over frames', () => {
  const entry = ({ id, at }: Row) => ({
    seq: 1,
    messageId: id,
    id,
    from: 'bob',
    stamp: stampOfTimestamp(at),
    ts: at,
    kind: 'create',
    body: { text: id },
  })

  /** Two ends of a wire made of text. */
  const setUpWire = (answer: (frame: ClientFrame) => unknown) => {
    let ids = 0
    const wire = { up: true }
    const frames = timestampPagesOverFrames({
      room: 'general',
      newId: () => `r${ids++}`,
      send: (frame) => {
        if (!wire.up) return false
        const reply = answer(JSON.parse(encodeFrames([frame])))
        void Promise.resolve().then(() => {
          for (const back of decodeServerText(JSON.stringify(reply)).frames) frames.receive(back)
        })
        return true
      },
    })
    const timeline = createTimeline({ turns: 2 })
    const told: string[] = []
    const errors: string[] = []
    const disk = { load: async () => undefined, commit: async () => {} }
    const sync = createTimestampSync({
      clock: timeline.clock(),
      fetchPage: frames.fetchPage,
      idOf: (row) => row.messageId,
      timestampOf: (row) => row.ts,
      store: disk,
      onMessages: (rows) => told.push(...rows.map((row) => row.messageId)),
      onError: (error) => errors.push(error.code),
      limit: 10,
    })
    return { wire, frames, timeline, told, errors, sync }
  }

  it('S67: reads a server that speaks sync_request {lastSyncTimestamp}', async () => {
    const backend = createBackend()
    backend.put(...many(60, (n) => START + Math.floor(n / 15) * 1_000))
    const { told, sync } = setUpWire((frame) => {
      if (frame.type !== 'sync_request') return []
      const page = backend.page({ since: frame.lastSyncTimestamp ?? -1, limit: frame.limit })
      return {
        type: 'sync_response',
        id: frame.id,
        room: frame.room,
        messages: page.messages.map(entry),
        hasMore: page.hasMore,
        prev: null,
        cursor: null,
        seq: 0,
        head: 0,
      }
    })
    expect(await sync.sync()).toBe(60)
    expect(new Set(told).size).toBe(60)
  })

  it('keeps its place past an entry that does not fit', async () => {
    const { told, errors, sync } = setUpWire((frame) =>
      frame.type === 'sync_request'
        ? {
            type: 'sync_response',
            id: frame.id,
            room: 'general',
            messages: [entry({ id: 'a', at: START }), { seq: 5 }],
            hasMore: false,
            prev: null,
            cursor: null,
            seq: 0,
            head: 0,
          }
        : [],
    )
    expect(await sync.sync()).toBe(1)
    expect([told, errors]).toEqual([['a'], ['bad_entry']])
  })

  it('says so when the connection is down, before the question or after it', async () => {
    const { wire, frames, timeline, sync } = setUpWire(() => [])
    const run = expect(sync.sync()).rejects.toEqual(coded('server'))
    await timeline.settle()
    frames.down()
    await run
    wire.up = false
    await expect(sync.sync()).rejects.toEqual(coded('server'))
    expect(timeline.pending).toBe(0)
  })

  it('S87: tells a refusal for good from one for now', async () => {
    for (const [retryable, code] of [
      [true, 'server'],
      [false, 'room_refused'],
    ] as const) {
      const { sync } = setUpWire((frame) => ({
        type: 'error',
        re: 'id' in frame ? frame.id : '',
        code: 'forbidden',
        message: 'no',
        retryable,
      }))
      await expect(sync.sync()).rejects.toEqual(coded(code))
    }
  })

  it('leaves frames alone that are not for it', () => {
    const { frames } = setUpWire(() => [])
    expect(frames.receive({ type: 'ping', t: 1 })).toBe(false)
    expect(frames.receive({ type: 'error', code: 'x', message: '', retryable: true })).toBe(false)
    expect(frames.receive({ type: 'error', re: 'other', code: 'x', message: '', retryable: true })).toBe(
      false,
    )
  })

  it('asks for no more than a page may hold', async () => {
    const limits: number[] = []
    const { sync } = setUpWire((frame) => {
      if (frame.type === 'sync_request') limits.push(frame.limit)
      return {
        type: 'sync_response',
        id: 'id' in frame ? frame.id : '',
        room: 'general',
        messages: many(500, () => START)
          .slice(0, 'limit' in frame ? frame.limit : 0)
          .map(entry),
        hasMore: true,
        prev: null,
        cursor: null,
        seq: 0,
        head: 0,
      }
    })
    await expect(sync.sync()).rejects.toEqual(coded('sync_stuck'))
    expect(Math.max(...limits)).toBe(500)
  })
})
