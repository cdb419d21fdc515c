import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withCollections } from '../src/collections/changes.js'
import { createEmbeddedServer, type EmbeddedServer, type Verb } from '../src/index.js'
import { change, SECRET, signed } from './support/webhook.js'

let server: EmbeddedServer
beforeEach(async () => {
  server = await createEmbeddedServer({ secret: SECRET })
})
afterEach(() => server.close())

const ROOM = 'records/blog/posts'
const tell = async (
  body: unknown,
  { token, headers = {} }: { readonly token?: string; readonly headers?: Record<string, string> } = {},
) => {
  const bearer = token ?? (await signed('tidings-webhook'))
  const response = await fetch(`${server.origin}/webhook`, {
    method: 'POST',
    headers: { ...(bearer !== '' && { authorization: `Bearer ${bearer}` }), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, answer: await response.json() }
}
const VERBS: readonly Verb[] = ['read', 'write', 'react', 'change', 'moderate']
const standing = async () => (await server.log.locate([{ room: ROOM }]))[0]?.head

describe('a change that another system tells of', () => {
  it('becomes a message of the room of its collection', async () => {
    const { status, answer } = await tell(change())
    expect([status, answer]).toEqual([
      200,
      { room: ROOM, messageId: expect.any(String), seq: 1, ts: expect.any(Number), dup: false },
    ])
    const page = await server.log.page({ room: ROOM, dir: 'forward', limit: 10 })
    const [item] = 'items' in page ? page.items : []
    expect(JSON.parse(item?.text ?? '{}')).toMatchObject({ kind: 'system', from: 'server', body: change() })
  })

  it('is written once, however often it is told', async () => {
    const first = await tell(change())
    const again = await tell(change())
    expect(again).toEqual({ status: 200, answer: { ...first.answer, dup: true } })
    await tell(change({ action: 'update', timestamp: '2026-02-27T11:39:00.000Z' }))
    expect(await standing()).toBe(2)
  })

  it('is named by the sender where that has a name for it, and refused where the name was used for another', async () => {
    const headers = { 'idempotency-key': 'delivery-7' }
    await tell(change(), { headers })
    expect(await tell(change(), { headers })).toMatchObject({ status: 200, answer: { dup: true } })
    const other = await tell(change({ record: { title: 'Other' } }), { headers })
    expect(other).toMatchObject({ status: 409, answer: { code: 'id_conflict' } })
    expect(await standing()).toBe(1)
  })

  it.each([
    ['no token', async () => ''],
    ['the token of a user', () => server.token('alice')],
    [
      'a token signed by somebody else',
      () => signed('tidings-webhook', 60, 'another secret of enough letters'),
    ],
    ['a token that ran out', () => signed('tidings-webhook', -10)],
  ])('S166: is refused with %s', async (_name, token) => {
    expect(await tell(change(), { token: await token() })).toMatchObject({
      status: 401,
      answer: { code: 'unauthorised' },
    })
    expect(await standing()).toBe(0)
  })

  it.each([
    ['no JSON', '{'],
    ['no object', '7'],
    ['another action', change({ action: 'upsert' })],
    ['no record', { ...change(), record: undefined }],
    ['a name with a slash', change({ collection: 'a/b' })],
    ['a name that is too long', change({ database: 'd'.repeat(57) })],
    ['a time that is none', change({ timestamp: 'yesterday' })],
    ['an id that is a number', change({ id: 7 })],
  ])('is refused when it is %s', async (_name, body) => {
    expect(await tell(body)).toMatchObject({ status: 400, answer: { code: 'invalid' } })
    expect(await standing()).toBe(0)
  })

  it('is refused when it is larger than a message', async () => {
    expect((await tell(change({ record: 'x'.repeat(33_000) }))).status).toBe(413)
    expect((await tell(change({ record: 'x'.repeat(100_000) }))).status).toBe(413)
    expect(await standing()).toBe(0)
  })

  it('cannot be made up by a user who may enter the room', async () => {
    const rights = withCollections(() => 'allow')
    const may = (verb: Verb) => rights({ user: 'alice', verb, room: ROOM, rights: {} })
    expect(VERBS.map(may)).toEqual(['allow', ...Array(4).fill('forbidden')])
    expect(rights({ user: 'alice', verb: 'write', room: 'general', rights: {} })).toBe('allow')
  })
})
