import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createEmbeddedServer, createTokens } from '../src/index.js'
import { createVerify, WEBHOOK_AUDIENCE } from '../src/tokens.js'
import { createTimeline } from './support/timeline.js'
import { SECRET, signed } from './support/webhook.js'

/** Somebody who signs tokens and tells the world by which keys. */
const issuer = { keys: [] as JWK[], asked: 0, status: 200 }
let server: Server
let jwks: string
let ours: GenerateKeyPairResult
let theirs: GenerateKeyPairResult

beforeAll(async () => {
  ours = await generateKeyPair('ES256')
  theirs = await generateKeyPair('ES256')
  server = createServer((_request, response) => {
    issuer.asked += 1
    response.writeHead(issuer.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ keys: issuer.keys }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  jwks = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/jwks.json`
})
afterAll(() => server.close())
beforeEach(async () => {
  const key = { ...(await exportJWK(ours.publicKey)), kid: 'one', alg: 'ES256' }
  Object.assign(issuer, { keys: [key], asked: 0, status: 200 })
})

const tokenBy = ({ privateKey }: GenerateKeyPairResult, audience = 'tidings', kid = 'one') =>
  new SignJWT({ rooms: ['general'] })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setSubject('alice')
    .setAudience(audience)
    .setExpirationTime('5m')
    .sign(privateKey)
const clock = { now: () => Date.now() }
const tokens = () => createTokens(SECRET, clock, jwks)

describe('a token that was signed by a published key', () => {
  it('speaks for its user, and the keys are read once', async () => {
    const { verify } = tokens()
    for (let i = 0; i < 3; i++)
      expect(await verify(await tokenBy(ours), {})).toMatchObject({
        user: 'alice',
        rights: { rooms: ['general'] },
      })
    expect(issuer.asked).toBe(1)
  })

  it('stands beside those that the secret signed', async () => {
    const { verify, sign } = tokens()
    expect(await verify(await sign('bob', 60_000), {})).toMatchObject({ user: 'bob' })
    expect(issuer.asked).toBe(0)
  })

  it.each([
    ['by a key of somebody else', () => tokenBy(theirs)],
    ['by a key that is not published', () => tokenBy(theirs, 'tidings', 'two')],
    ['for something else', () => tokenBy(ours, 'another service')],
    ['for telling of changes', () => tokenBy(ours, WEBHOOK_AUDIENCE)],
    ['with the public key as a secret', () => signed('tidings', 60, JSON.stringify(issuer.keys[0]))],
  ])('is refused when it was signed %s', async (_name, token) => {
    expect(await tokens().verify(await token(), {})).toBe('refused')
  })

  it('is neither good nor bad while the keys cannot be had', async () => {
    issuer.status = 503
    await expect(tokens().verify(await tokenBy(ours), {})).rejects.toThrow()
    issuer.status = 200
    expect(await tokens().verify(await tokenBy(ours), {})).toMatchObject({ user: 'alice' })
  })

  it('is asked for again later, and not refused for good, while nobody answers for the keys', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const address = gone.address()
    gone.close()
    const nowhere = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/jwks.json`
    const embedded = await createEmbeddedServer({ secret: SECRET, jwks: nowhere })
    onTestFinished(() => embedded.close())
    const ask = async (method: string, path: string, audience?: string) => {
      const headers = { authorization: `Bearer ${await tokenBy(ours, audience)}` }
      return (await fetch(`${embedded.origin}${path}`, { method, headers })).status
    }
    expect(await ask('GET', '/v1/sync?room=general')).toBe(503)
    expect(await ask('POST', '/v1/ticket')).toBe(503)
    expect(await ask('POST', '/webhook', WEBHOOK_AUDIENCE)).toBe(503)
  })

  it('is refused where no keys are published', async () => {
    expect(await createTokens(SECRET, createTimeline()).verify(await tokenBy(ours), {})).toBe('refused')
  })

  it('may tell of changes when it is for that', async () => {
    const verify = createVerify({ secret: SECRET, jwks }, WEBHOOK_AUDIENCE, clock)
    expect(await verify(await tokenBy(ours, WEBHOOK_AUDIENCE), {})).toMatchObject({ user: 'alice' })
  })
})
