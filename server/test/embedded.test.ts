import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { CLOSE, directRoom, formatStamp, WIRE } from 'tidings/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEmbeddedServer, type EmbeddedServer, type EmbeddedServerOptions } from '../src/index.js'
import { temporaryFolder } from './support/files.js'
import { connect, ofType, type Remote } from './support/remote.js'

const SECRET = 'a secret that only this test knows, really'
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let server: EmbeddedServer | undefined

const start = async (options: EmbeddedServerOptions = {}) => {
  server = await createEmbeddedServer({ dev: true, secret: SECRET, ...options })
  return server
}
const message = (id: string, room = 'general') => ({
  ...{ type: 'message' as const, id, room, stamp: formatStamp(Date.now(), 0, 'remote-----') },
  ...{ body: { text: id }, attempt: 1, at: Date.now() },
})
const enter = async ({ url, token }: EmbeddedServer, user: string, ...rooms: string[]): Promise<Remote> => {
  const remote = await connect(url)
  remote.send({
    ...{ type: 'hello', v: 1, device: 'd', token: await token(user) },
    rooms: rooms.map((room) => ({ room, pages: 9 })),
  })
  await remote.next(ofType('welcome'))
  return remote
}

beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await folder.remove()
})

describe('the server over real sockets', () => {
  it('lets two people talk, and keeps it for the next start', async () => {
    const data = join(folder.path, 'log.db')
    const first = await start({ data })
    const [alice, bob] = [await enter(first, 'alice', 'general'), await enter(first, 'bob', 'general')]
    await bob.next(ofType('subscribed'))
    alice.send(message('m1'))
    expect(await alice.next(ofType('ack'))).toMatchObject({ id: 'm1', seq: 1 })
    expect(await bob.next(ofType('event'))).toMatchObject({ from: 'alice', body: { text: 'm1' } })
    await first.close()
    expect((await bob.closed).code).toBe(CLOSE.goingAway)
    const again = await enter(await start({ data }), 'bob', 'general')
    expect((await again.next(ofType('sync_response'))).messages).toMatchObject([{ id: 'm1', seq: 1 }])
  })
  it('writes into rooms and to users from its own code, once for each id, and knows who is there', async () => {
    const data = join(folder.path, 'log.db')
    const first = await start({ data, authorize: () => 'forbidden' })
    const alice = await enter(first, 'alice', '@alice')
    await alice.next(ofType('subscribed'))
    const told = await first.notify('alice', 'payment', { invoice: 7 }, { id: 'invoice-7' })
    expect(await alice.next(ofType('event'))).toMatchObject({
      ...{ room: '@alice', from: 'server', kind: 'system', messageId: told.messageId },
      body: { kind: 'payment', body: { invoice: 7 } },
    })
    expect(await first.online()).toMatchObject([{ userId: 'alice', status: 'online' }])
    expect(await first.online({ room: 'general' })).toEqual([])
    await first.close()
    const second = await start({ data })
    expect(await second.notify('alice', 'payment', { invoice: 7 }, { id: 'invoice-7' })).toEqual({
      ...told,
      dup: true,
    })
    await expect(second.publish('general', 'x', { replyTo: 'nothing' })).rejects.toMatchObject({
      ...{ name: 'PublishError', code: 'not_found' },
    })
    const { url, token } = second
    const forger = await connect(url)
    forger.send({ type: 'hello', v: 1, device: 'd', token: await token('server') })
    expect((await forger.closed).code).toBe(CLOSE.unauthorised)
  })
  it('S142, S168: only pages of named origins may connect; programs may, by their token', async () => {
    const { url, port, origin } = await start({ origins: ['https://chat.example'] })
    for (const allowed of [origin, `http://localhost:${port}`, 'https://chat.example']) {
      const remote = await connect(url, { origin: allowed })
      remote.send({ type: 'hello', v: 1, device: 'd', token: 'forged' })
      expect((await remote.closed).code).toBe(CLOSE.unauthorised)
    }
    for (const foreign of [
      'https://chat.example.evil',
      'https://evil.example',
      'null',
      'http://chat.example',
    ])
      expect((await (await connect(url, { origin: foreign })).closed).code).toBe(CLOSE.forbidden)
  })
  it('an unknown subprotocol is refused by a code that a page can read', async () => {
    const { url } = await start()
    const remote = await connect(url, { protocols: ['tidings.v9.json'] })
    const { code, reason } = await remote.closed
    expect([code, JSON.parse(reason)]).toEqual([
      CLOSE.unsupportedVersion,
      { code: 'unsupported_version', supported: ['tidings.v1.json'] },
    ])
    await expect(connect(url.replace('/v1/ws', '/elsewhere'))).rejects.toThrow('404')
  })
  it('S182: what is too large or no text ends the connection and nothing else', async () => {
    const running = await start()
    const [large, binary] = [await enter(running, 'a'), await enter(running, 'b')]
    large.raw(`"${'x'.repeat(WIRE.clientTextBytes)}"`)
    expect((await large.closed).code).toBe(1009)
    binary.raw(Buffer.from('{}'))
    binary.raw(Buffer.from('{}'))
    expect((await binary.closed).code).toBe(CLOSE.protocolError)
    expect(await enter(running, 'c')).toBeDefined()
  })
  it('sends everybody away with a slot when it drains', async () => {
    const running = await start()
    const alice = await enter(running, 'alice')
    const drained = running.drain()
    const { retryAfter } = await alice.next(ofType('goaway'))
    const { code, reason } = await alice.closed
    expect([code, JSON.parse(reason)]).toEqual([CLOSE.goingAway, { code: 'going_away', retryAfter }])
    await drained
  })
  it('rejects when its port is taken, and when there is no such folder', async () => {
    const { port } = await start()
    await expect(createEmbeddedServer({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await expect(createEmbeddedServer({ data: join(folder.path, 'no', 'log.db') })).rejects.toThrow()
  })
})

describe('tokens', () => {
  const key = (secret: string) => new TextEncoder().encode(secret)
  const jwt = (claims: Record<string, unknown>, secret = SECRET, exp = '1h') =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(exp).sign(key(secret))
  const codeFor = async (url: string, token: string) => {
    const remote = await connect(url)
    remote.send({ type: 'hello', v: 1, device: 'd', token })
    return (await remote.closed).code
  }
  it('S164, S167: forged, unsigned, foreign and incomplete ones are refused; ended ones may be replaced', async () => {
    const { url } = await start()
    const none = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"alice","aud":"tidings","exp":9999999999}')}.`
    const refused = [
      ...[
        'x',
        none.replaceAll('=', ''),
        await jwt({ sub: 'alice', aud: 'tidings' }, 'another secret of 32 characters'),
      ],
      ...[
        await jwt({ sub: 'alice', aud: 'billing' }),
        await jwt({ sub: 'alice' }),
        await jwt({ aud: 'tidings' }),
      ],
      await new SignJWT({ sub: 'alice', aud: 'tidings' })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(key(SECRET)),
      await jwt({ sub: 'a\u0000b', aud: 'tidings' }),
    ]
    for (const token of refused) expect(await codeFor(url, token)).toBe(CLOSE.unauthorised)
    const ended = await jwt({ sub: 'alice', aud: 'tidings' }, SECRET, '-1s')
    expect(await codeFor(url, ended)).toBe(CLOSE.tokenExpired)
  })
  it('in development, everybody may enter every room but those of others', async () => {
    const alice = await enter(await start(), 'alice')
    const own = directRoom('alice', 'bob:x')
    const rooms = ['general', '@alice', own, '@bob', directRoom('bob', 'carol'), 'dm:alice', 'dm:alice:%zz']
    alice.send({ type: 'subscribe', id: 'q', rooms: rooms.map((room) => ({ room })) })
    const codes = new Map<string, string>()
    for (let i = 0; i < 4; i++) {
      const { room, code } = await alice.next(ofType('unsubscribed'))
      codes.set(room, code)
    }
    expect([...codes.keys()].sort()).toEqual(['@bob', 'dm:alice', 'dm:alice:%zz', directRoom('bob', 'carol')])
    alice.send(message('m', '@alice'), message('n', own))
    expect(await alice.next(ofType('nack'))).toMatchObject({ id: 'm', code: 'forbidden' })
    expect(await alice.next(ofType('ack'))).toMatchObject({ id: 'n' })
  })
  it('S187: in production, only the rooms that the token names', async () => {
    const { url, token } = await start({ dev: false })
    const alice = await connect(url)
    alice.send({
      type: 'hello',
      v: 1,
      device: 'd',
      token: await token('alice', { rooms: ['general', 'team-*'] }),
    })
    const room = (name: string) => message(`to-${name}`, name)
    alice.send({ type: 'ping', t: 1 })
    await alice.next(ofType('welcome'))
    alice.send(room('general'), room('team-x'), room('teams'), room('generals'))
    const acks = [await alice.next(ofType('ack')), await alice.next(ofType('ack'))]
    expect(acks.map(({ id }) => id)).toEqual(['to-general', 'to-team-x'])
    const nacks = [await alice.next(ofType('nack')), await alice.next(ofType('nack'))]
    expect(nacks.map(({ id, code }) => [id, code])).toEqual([
      ['to-teams', 'not_member'],
      ['to-generals', 'not_member'],
    ])
  })
})

describe('over HTTP', () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${server?.origin ?? ''}${path}`, { headers, redirect: 'manual' })
  // fetch tidies paths up before it sends them; an attacker does not.
  const raw = (path: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const { port } = server ?? { port: 0 }
      request({ port, path, host: '127.0.0.1' }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })

  it('health says little, and methods other than GET are refused', async () => {
    const { origin } = await start()
    expect(await (await get('/health')).json()).toEqual({ status: 'ok' })
    expect((await fetch(`${origin}/health`, { method: 'POST' })).status).toBe(405)
    expect((await get('/nothing')).status).toBe(404)
  })
  it('tokens are handed out in development only', async () => {
    const { url } = await start()
    const token = await (await get('/dev/token?user=alice')).text()
    const alice = await connect(url)
    alice.send({ type: 'hello', v: 1, device: 'd', token })
    expect(await alice.next(ofType('welcome'))).toMatchObject({ user: 'alice' })
    expect((await get('/dev/token')).status).toBe(400)
    await server?.close()
    await start({ dev: false })
    expect((await get('/dev/token?user=alice')).status).toBe(404)
  })
  it('S165: history by timestamps needs a token in a header, a room and numbers', async () => {
    const { token } = await start()
    const alice = await enter(server ?? (await start()), 'alice')
    alice.send(message('m1'), message('m2'), message('m3'))
    for (let i = 0; i < 3; i++) await alice.next(ofType('ack'))
    const authorization = `Bearer ${await token('alice')}`
    const answer = await get('/v1/sync?room=general&since=0&limit=2', { authorization })
    expect(await answer.json()).toMatchObject({ messages: [{ id: 'm1' }, { id: 'm2' }], hasMore: true })
    expect((await get(`/v1/sync?room=general&token=${await token('alice')}`)).status).toBe(401)
    expect((await get('/v1/sync?room=@bob', { authorization })).status).toBe(403)
    for (const query of [
      '',
      'room=',
      'room=r&since=-1',
      'room=r&since=x',
      'room=r&limit=0',
      'room=r&limit=501',
    ])
      expect((await get(`/v1/sync?${query}`, { authorization })).status).toBe(400)
  })
  it('a filter that throws hides an entry from history by timestamps, and nothing else', async () => {
    const { publish, token } = await start({
      sees(_user, { text }) {
        if (text.includes('odd')) throw new Error('What is that?')
        return true
      },
    })
    for (const text of ['one', 'odd', 'two']) await publish('general', { text })
    const authorization = `Bearer ${await token('alice')}`
    const answer = await get('/v1/sync?room=general', { authorization })
    expect(answer.status).toBe(200)
    const { messages } = await answer.json()
    expect(messages).toMatchObject([{ body: { text: 'one' } }, { body: { text: 'two' } }])
  })

  it('pages of other origins read nothing unless they are named', async () => {
    await start({ origins: ['https://chat.example'] })
    const named = await get('/health', { origin: 'https://chat.example' })
    expect(named.headers.get('access-control-allow-origin')).toBe('https://chat.example')
    expect((await get('/health', { origin: 'https://evil.example' })).status).toBe(403)
  })
  it('files are served with their types, and nothing outside the folder or hidden', async () => {
    const pages = join(folder.path, 'pages')
    await mkdir(join(pages, 'sub'), { recursive: true })
    await writeFile(join(folder.path, 'outside.txt'), 'secret')
    for (const [name, text] of Object.entries({
      ...{ 'index.html': '<p>page', 'sub/index.html': '<p>sub', 'sw.js': '1', '.env': 'secret' },
      'app.webmanifest': '{}',
    }))
      await writeFile(join(pages, name), text)
    await symlink(join(folder.path, 'outside.txt'), join(pages, 'link.txt'))
    await start({ static: pages })
    const type = async (path: string) => (await get(path)).headers.get('content-type')
    expect(await (await get('/?user=alice')).text()).toBe('<p>page')
    expect(await (await get('/sub/')).text()).toBe('<p>sub')
    expect((await get('/sub')).headers.get('location')).toBe('/sub/')
    expect(await type('/sw.js')).toBe('text/javascript; charset=utf-8')
    expect(await type('/app.webmanifest')).toBe('application/manifest+json')
    for (const path of [
      ...['/../outside.txt', '/%2e%2e/outside.txt', '/..%2foutside.txt', '/sub/../../outside.txt'],
      ...['/..%5coutside.txt', '/.env', '/%2eenv', '/link.txt', '//etc/passwd', '/index.html%00.txt'],
    ])
      expect([path, await raw(path)]).toEqual([path, 404])
    expect(await raw('/%zz')).toBe(400)
  })
})
