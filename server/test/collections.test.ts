import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createEmbeddedServer, type EmbeddedServer, type EmbeddedServerOptions } from '../src/index.js'
import { SECRET } from './support/webhook.js'

let server: EmbeddedServer
const sockets: WebSocket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await server.close()
})
const start = async (options: EmbeddedServerOptions = {}) => {
  server = await createEmbeddedServer({
    ...{ secret: SECRET, dev: true, collections: { database: 'blog' } },
    ...options,
  })
}

interface Said {
  readonly type: string
  readonly collection?: string
  readonly last_id?: string
  readonly code?: string
  readonly reason?: string
  readonly events?: readonly { readonly id: string; readonly data: unknown }[]
}

/** A program that speaks the collection protocol. */
async function reader(auth?: string) {
  const token = auth ?? (await server.token('alice', { rooms: ['records/*'] }))
  const socket = new WebSocket(
    `${server.origin.replace('http', 'ws')}/api/realtime?auth=${encodeURIComponent(token)}`,
  )
  sockets.push(socket)
  const heard: Said[] = []
  const looks = new Set<() => void>()
  socket.on('message', (text) => {
    heard.push(JSON.parse(String(text)))
    for (const look of [...looks]) look()
  })
  await once(socket, 'open')
  /** Resolves once it holds of what was heard. */
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (!holds()) return
        looks.delete(look)
        resolve()
      }
      looks.add(look)
      look()
    })
  const say = (message: unknown) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  const events = () => heard.flatMap((said) => said.events ?? [])
  return {
    ...{ socket, heard, say, until, events },
    titles: () => events().map(({ data }) => data),
    heardOf: (type: string) => heard.filter((said) => said.type === type),
    async follow(collection = 'posts', more: Readonly<Record<string, unknown>> = {}) {
      const before = heard.filter(({ type }) => type === 'SUBSCRIBED').length
      say({ type: 'SUBSCRIBE', collection, ...more })
      await until(() => heard.filter(({ type }) => type === 'SUBSCRIBED').length > before)
      return heard.findLast(({ type }) => type === 'SUBSCRIBED')?.last_id
    },
  }
}

/** Changes n of the collection, as the webhook writes them. */
const happen = async (from: number, to = from, collection = 'posts') => {
  for (let n = from; n <= to; n++)
    await server.publish(`records/blog/${collection}`, { action: 'update', record: n, id: `p${n}` })
}
const data = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ action: 'update', record: from + i }))

describe('a reader of a collection', () => {
  it('S172: is told only what is new with "$"', async () => {
    await start()
    await happen(1, 3)
    const alice = await reader()
    expect(await alice.follow('posts', { lastId: '$' })).toBe('$')
    await happen(4, 5)
    await alice.until(() => alice.events().length === 2)
    expect(alice.titles()).toEqual(data(4, 5))
    expect(alice.heardOf('EVENT')[0]?.collection).toBe('posts')
  })

  it.each([[undefined], ['0']])('S171: is told everything with lastId %s', async (lastId) => {
    await start()
    await happen(1, 3)
    const alice = await reader()
    expect(await alice.follow('posts', { ...(lastId !== undefined && { lastId }) })).toBe('0')
    await happen(4)
    await alice.until(() => alice.events().length === 4)
    expect(alice.titles()).toEqual(data(1, 4))
  })

  it('S173: hears SUBSCRIBED before the first event, and what is old before what is new', async () => {
    await start()
    await happen(1, 450)
    const alice = await reader()
    alice.say({ type: 'SUBSCRIBE', collection: 'posts' })
    await happen(451, 460)
    await alice.until(() => alice.events().length === 460)
    expect(alice.heard[0]?.type).toBe('SUBSCRIBED')
    expect(alice.titles()).toEqual(data(1, 460))
    expect(new Set(alice.events().map(({ id }) => id)).size).toBe(460)
  })

  it('goes on behind any event that it names, whether or not it stood within a list', async () => {
    await start()
    await happen(1, 5)
    const first = await reader()
    await first.follow()
    await first.until(() => first.events().length === 5)
    await happen(6, 7)
    await first.until(() => first.events().length === 7)
    for (const at of [0, 2, 4, 5, 6]) {
      const again = await reader()
      const lastId = first.events()[at]?.id
      expect(await again.follow('posts', { lastId })).toBe(lastId)
      await happen(8 + at)
      await again.until(() => again.titles().some((said) => JSON.stringify(said).includes(`${8 + at}}`)))
      expect(again.titles().slice(0, 6 - at)).toEqual(data(at + 2, 7))
      again.socket.terminate()
    }
  })

  it('S170: is told of a gap where its place is not known, and goes on with what is new', async () => {
    await start()
    await happen(1, 3)
    const alice = await reader()
    await alice.follow('posts', { lastId: '2.nowhere' })
    await alice.until(() => alice.heardOf('GAP').length === 1)
    const [gap] = alice.heardOf('GAP')
    await happen(4)
    await alice.until(() => alice.events().length === 1)
    expect(alice.titles()).toEqual(data(4, 4))
    const again = await reader()
    await again.follow('posts', { lastId: gap?.last_id })
    await again.until(() => again.events().length === 1)
    expect(again.titles()).toEqual(data(4, 4))
  })

  it('S174: goes on behind what it acknowledged, and may acknowledge only what it was told', async () => {
    await start()
    await happen(1, 3)
    const alice = await reader()
    await alice.follow()
    await alice.until(() => alice.events().length === 3)
    alice.say({ type: 'ACK', collection: 'posts', id: 'made up' })
    await alice.until(() => alice.heardOf('ERROR').length === 1)
    expect(alice.heardOf('ERROR')[0]).toMatchObject({ code: 'unknown_id', collection: 'posts' })
    alice.say({ type: 'ACK', collection: 'posts', id: alice.events()[1]?.id })
    alice.say({ type: 'UNSUBSCRIBE', collection: 'posts' })
    alice.say({ type: 'ACK', collection: 'posts', id: 'made up' })
    await alice.until(() => alice.heardOf('ERROR').length === 2)
    await happen(4)
    await alice.follow()
    await alice.until(() => alice.events().length === 5)
    expect(alice.titles().slice(3)).toEqual(data(3, 4))
  })

  it('hears nothing of a collection that it left, and nothing of others', async () => {
    await start()
    const alice = await reader()
    await alice.follow('posts')
    await alice.follow('comments')
    alice.say({ type: 'UNSUBSCRIBE', collection: 'posts' })
    await alice.follow('pages')
    await happen(1)
    await happen(2, 2, 'drafts')
    await happen(3, 3, 'comments')
    await alice.until(() => alice.events().length === 1)
    expect(alice.titles()).toEqual(data(3, 3))
  })

  it('S168: is let into the collections that its token names alone', async () => {
    await start({ dev: false })
    const alice = await reader(await server.token('alice', { rooms: ['records/blog/posts'] }))
    await alice.follow('posts')
    alice.say({ type: 'SUBSCRIBE', collection: 'salaries' })
    alice.say({ type: 'SUBSCRIBE', collection: 'staff/posts' })
    await alice.until(() => alice.heardOf('ERROR').length === 2)
    const refusals = alice.heardOf('ERROR').map(({ code, collection }) => `${code} ${collection}`)
    // Each has a connection of its own inside: which is refused first is open.
    expect(refusals.sort()).toEqual(['not_member salaries', 'not_member staff/posts'])
    expect(alice.socket.readyState).toBe(WebSocket.OPEN)
  })

  it.each([
    ['no JSON', '{'],
    ['a number', '7'],
    ['no collection', { type: 'SUBSCRIBE' }],
    ['a collection that is no name', { type: 'SUBSCRIBE', collection: 'a/b/c' }],
    ['an empty id', { type: 'SUBSCRIBE', collection: 'posts', lastId: '' }],
    ['an id that is a number', { type: 'SUBSCRIBE', collection: 'posts', lastId: 7 }],
    ['another type', { type: 'PUBLISH', collection: 'posts' }],
  ])('is told what is wrong with %s, and stays', async (_name, message) => {
    await start()
    const alice = await reader()
    alice.say(message)
    await alice.until(() => alice.heardOf('ERROR').length === 1)
    expect(alice.heardOf('ERROR')[0]?.code).toBe('invalid')
    await alice.follow()
  })

  it('follows 32 collections at most', async () => {
    await start()
    const alice = await reader()
    for (let i = 0; i < 32; i++) await alice.follow(`c${i}`)
    alice.say({ type: 'SUBSCRIBE', collection: 'one-more' })
    await alice.until(() => alice.heardOf('ERROR').length === 1)
    expect(alice.heardOf('ERROR')[0]).toMatchObject({ code: 'too_many', collection: 'one-more' })
  })

  it('leaves no connection behind', async () => {
    await start()
    const alice = await reader()
    await alice.follow('posts')
    await alice.follow('pages')
    expect(server.core.connections).toBe(2)
    alice.socket.close()
    await expect.poll(() => server.core.connections).toBe(0)
  })
})

describe('the door of the collections', () => {
  const knock = (query: string, headers: Record<string, string> = {}) =>
    new Promise<number | undefined>((resolve) => {
      const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/api/realtime${query}`, { headers })
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode))
      socket.on('open', () => resolve(101))
    })

  it('S164: opens for a token that is good, for a ticket once, and for nothing else', async () => {
    await start()
    const authorization = `Bearer ${await server.token('alice')}`
    const ticketOf = async () => {
      const response = await fetch(`${server.origin}/v1/ticket`, {
        method: 'POST',
        headers: { authorization },
      })
      return (await response.json()).ticket
    }
    const ticket = await ticketOf()
    expect(await knock(`?auth=${ticket}`)).toBe(101)
    expect(await knock(`?auth=${ticket}`)).toBe(401)
    expect(await knock('', { authorization })).toBe(101)
    expect(await knock('?auth=anything')).toBe(401)
    expect(await knock('?auth=')).toBe(401)
    expect(await knock('')).toBe(401)
  })

  it('stays closed for pages of other origins', async () => {
    await start()
    const auth = await server.token('alice')
    expect(await knock(`?auth=${auth}`, { origin: 'https://elsewhere.example' })).toBe(403)
  })

  it('is not there unless it was asked for', async () => {
    server = await createEmbeddedServer({ dev: true })
    expect(await knock(`?auth=${await server.token('alice')}`)).toBe(404)
  })
})
