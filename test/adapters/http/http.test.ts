import { afterEach, describe, expect, it, vi } from 'vitest'
import { addressesOf } from '../../../src/adapters/http/addresses.js'
import { canStream, createHttpConnect } from '../../../src/adapters/http/http.js'
import type { Transport } from '../../../src/core/seams/transport.js'
import { utf8Bytes, WIRE } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/timeline.js'

afterEach(() => vi.unstubAllGlobals())

const STREAM = { 'content-type': 'text/event-stream' }
const HELLO = '{"type":"hello","token":"secret"}'
const refusal = (more: object) => JSON.stringify({ code: 'no', message: 'No.', ...more })

interface Asked {
  readonly path: string
  readonly init: RequestInit
  answer(response: Response): void
}

/** A connection whose requests the test answers. */
function dial(url = 'wss://host.test/v1/ws') {
  const timeline = createTimeline()
  const told: string[] = []
  const asked: Asked[] = []
  let source: ReadableStreamDefaultController<Uint8Array> | undefined
  const fetch: typeof globalThis.fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(new Error('given up')))
      asked.push({ path: String(input), init, answer: resolve })
    })
  const transport: Transport = createHttpConnect({ fetch, clock: timeline.clock() })(url, {
    onOpen: () => told.push('open'),
    onText: (text) => told.push(text),
    onClose: ({ code, reason }) => told.push(`close ${code} ${reason}`),
  })
  const write = async (text: string) => {
    source?.enqueue(new TextEncoder().encode(text))
    await timeline.settle()
  }
  return {
    ...{ timeline, told, asked, transport, write },
    /** Says hello, and lets the server answer with a stream. */
    async open(first = 'event: session\ndata: {"session":"s1"}\n\n') {
      await timeline.settle()
      transport.send(HELLO)
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          source = controller
        },
      })
      asked[0]?.answer(new Response(body, { headers: STREAM }))
      await timeline.settle()
      if (first !== '') await write(first)
    },
    async answer(index: number, response = new Response(null, { status: 204 })) {
      asked[index]?.answer(response)
      await timeline.settle()
    },
    /** What a request carries. */
    frames: (index: number): unknown => JSON.parse(String(asked[index]?.init.body)),
  }
}

describe('the addresses of HTTP', () => {
  it('stand beside the address of the WebSocket, with the same query', () => {
    const both = (base: string, query = '') => ({
      stream: `${base}stream${query}`,
      frames: `${base}frames${query}`,
    })
    expect(addressesOf('wss://host/v1/ws')).toEqual(both('https://host/v1/'))
    expect(addressesOf('ws://host:8787/chat/v1/ws?tenant=a/b#x')).toEqual(
      both('http://host:8787/chat/v1/', '?tenant=a/b'),
    )
    expect(addressesOf('https://host/v1/ws')).toEqual(both('https://host/v1/'))
    for (const wrong of ['ftp://host/v1/ws', 'nowhere', 'ws://[']) expect(addressesOf(wrong)).toBeUndefined()
  })
})

describe('a connection over HTTP', () => {
  it('says hello in the body of its first request, and the token in the head of all others: never in an address', async () => {
    const { open, transport, asked, frames, write, told } = dial()
    await open()
    await write('data: {"type":"welcome"}\n\n')
    transport.send('{"type":"a"}')
    expect(told).toEqual(['open', '{"type":"welcome"}'])
    expect(asked.map(({ path }) => path)).toEqual([
      'https://host.test/v1/stream',
      'https://host.test/v1/frames',
    ])
    expect(asked[0]?.init).toMatchObject({ method: 'POST', body: HELLO, cache: 'no-store' })
    expect(asked[1]?.init).toMatchObject({ method: 'POST', headers: { authorization: 'Bearer secret' } })
    expect(frames(1)).toEqual({ session: 's1', frames: [{ type: 'a' }] })
  })
  it('has one request under way, and sends what gathered meanwhile in the next', async () => {
    const { open, transport, asked, answer, frames } = dial()
    await open()
    for (const text of ['1', '[2,3]', '4']) transport.send(text)
    expect(asked).toHaveLength(2)
    expect(transport.bufferedAmount).toBe(7)
    await answer(1)
    expect(asked).toHaveLength(3)
    expect([frames(1), frames(2)]).toMatchObject([{ frames: [1] }, { frames: [[2, 3], 4] }])
    expect(transport.bufferedAmount).toBe(6)
    await answer(2)
    expect(transport.bufferedAmount).toBe(0)
  })
  it('puts no more into a request than a text message may hold, and never nothing', async () => {
    const { open, transport, asked, answer, timeline } = dial()
    await open()
    const text = JSON.stringify('é'.repeat(9_000))
    for (let i = 0; i < 10; i++) transport.send(text)
    transport.send(JSON.stringify('x'.repeat(WIRE.clientTextBytes)))
    for (let i = 1; i < asked.length; i++) await answer(i)
    await timeline.settle()
    const bodies = asked.slice(1).map(({ init }) => String(init.body))
    expect(bodies.map((body) => JSON.parse(body).frames.length)).toEqual([1, 3, 3, 3, 1])
    for (const body of bodies.slice(0, -1)) expect(utf8Bytes(body)).toBeLessThan(WIRE.clientTextBytes + 1_024)
  })
  it('holds back what is sent before the session has a name', async () => {
    const { open, transport, asked, write } = dial()
    await open('')
    transport.send('1')
    expect(asked).toHaveLength(1)
    await write('event: session\ndata: {"session":"s1"}\n\n')
    expect(asked).toHaveLength(2)
  })
  it('lets what was said before a close go, for 2 s, and says nothing more', async () => {
    const { open, transport, asked, answer, told, timeline } = dial()
    await open()
    for (const text of ['1', '2']) transport.send(text)
    transport.close(1000)
    expect(told).toEqual(['open'])
    await answer(1)
    expect(asked[2]?.init).toMatchObject({ keepalive: true })
    await timeline.advance(1_999)
    expect(told).toEqual(['open'])
    await timeline.advance(1)
    expect(told).toEqual(['open', 'close 1000 '])
    expect(asked[0]?.init.signal?.aborted).toBe(true)
    expect(timeline.pending).toBe(0)
  })
})

describe('an answer that is no stream', () => {
  it('S153: is a close by the words of the server, with the wait that it asks for', async () => {
    const { timeline, transport, answer, told } = dial()
    await timeline.settle()
    transport.send(HELLO)
    await answer(0, new Response(refusal({ close: 4006, retryAfter: 1_000 }), { status: 429 }))
    expect(told).toEqual(['open', 'close 4006 {"code":"no","retryAfter":1000}'])
  })
  it.each([
    ['a page that asks for a password', new Response('<html>', { status: 403 })],
    ['a refusal that names no close', new Response(refusal({}), { status: 403 })],
    ['a code that no close has', new Response(refusal({ close: 9 }), { status: 403 })],
    ['a page that says all is well', new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['nothing at all', new Response(null, { status: 204 })],
  ])('and comes from somebody on the way is never final: %s', async (_, response) => {
    const { timeline, transport, answer, told } = dial()
    await timeline.settle()
    transport.send(HELLO)
    await answer(0, response)
    expect(told).toEqual(['open', expect.stringMatching(/^close 1006 /)])
  })
  it('to a request ends the connection, also where it says that all is well', async () => {
    for (const [response, close] of [
      [new Response(refusal({ close: 4007 }), { status: 404 }), 'close 4007 {"code":"no"}'],
      [new Response('<html>Please sign in', { status: 200 }), 'close 1006 HTTP status 200'],
    ] as const) {
      const { open, transport, answer, told, asked } = dial()
      await open()
      transport.send('1')
      transport.send('2')
      await answer(1, response)
      expect(told).toEqual(['open', close])
      expect(asked).toHaveLength(2)
    }
  })
})

describe('a proxy that holds the stream back', () => {
  it('is noticed 3 s after the head of the answer', async () => {
    const { open, told, timeline } = dial()
    await open('')
    await timeline.advance(2_999)
    expect(told).toEqual(['open'])
    await timeline.advance(1)
    expect(told).toEqual(['open', 'close 1006 something on the way holds the stream back'])
    expect(timeline.pending).toBe(0)
  })
  it('is not taken for one that lets the first event through', async () => {
    const { open, told, timeline } = dial()
    await open()
    await timeline.advance(60_000)
    expect(told).toEqual(['open'])
  })
})

describe('a stream', () => {
  it('brings no text before the session has a name, and nothing behind its close', async () => {
    const { open, write, told } = dial()
    await open('data: early\n\nevent: session\ndata: {"session":"s1"}\n\ndata: 1\n\n')
    await write('event: close\ndata: {"code":4001,"reason":"x"}\n\ndata: late\n\n')
    expect(told).toEqual(['open', '1', 'close 4001 x'])
  })
  it('is given up when an event has no end', async () => {
    const { open, write, told } = dial()
    await open()
    await write(`data: ${'x'.repeat(2 * WIRE.serverTextBytes)}`)
    expect(told).toEqual(['open', 'close 1009 an event without an end'])
  })
})

describe('a platform that does not stream answers', () => {
  it('is told as a close, not as an exception', async () => {
    vi.stubGlobal('Response', class {})
    expect(canStream()).toBe(false)
    const closes: number[] = []
    createHttpConnect()('wss://host.test/v1/ws', {
      onOpen() {},
      onText() {},
      onClose: ({ code }) => closes.push(code),
    })
    await createTimeline().settle()
    expect(closes).toEqual([1006])
  })
})
