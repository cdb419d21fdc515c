import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createHttp } from '../src/http.js'
import { createMemoryLog } from '../src/index.js'
import { createOrigins } from '../src/origins.js'
import { createRations } from '../src/rations.js'
import { createTimeline } from './support/timeline.js'

describe('rations of history', () => {
  it('S121, S122: each user has a bucket of their own, and it fills again', async () => {
    const time = createTimeline()
    const ration = createRations(time)
    const waits = Array.from({ length: 31 }, () => ration('alice'))
    expect(waits).toEqual([...Array.from({ length: 30 }, () => 0), 100])
    expect(ration('bob')).toBe(0)
    await time.advance(100)
    expect([ration('alice'), ration('alice')]).toEqual([0, 100])
  })
  it('S121: remembers a bounded number of users, the latest', () => {
    const ration = createRations(createTimeline())
    for (let i = 0; i < 40; i++) ration('greedy')
    for (let i = 0; i < 9_999; i++) ration(`user ${i}`)
    expect(ration('greedy')).toBeGreaterThan(0)
    for (let i = 0; i < 10_000; i++) ration(`other ${i}`)
    expect(ration('greedy')).toBe(0)
  })
  it('tells whoever has used theirs up when to come back', async () => {
    const time = createTimeline()
    const http = createHttp({
      log: createMemoryLog({ clock: time }),
      verify: () => ({ user: 'alice' }),
      authorize: () => 'allow',
      origins: createOrigins(new Set()),
      ration: () => 1_200,
      ...{ sees: undefined, files: undefined, devToken: undefined, routes: async () => false },
    })
    const server = createServer(http)
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    const answer = await fetch(`http://127.0.0.1:${port}/v1/sync?room=general`)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2'])
    server.closeAllConnections()
    server.close()
  })
})
