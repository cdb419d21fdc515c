import { createMemoryLog, createServerCore, type ServerCore } from 'tidings-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClientOn } from '../../../src/core/client.js'
import { createFallback } from '../../../src/core/connection/fallback.js'
import type { Connect } from '../../../src/core/seams/transport.js'
import {
  createMemoryDisk,
  createMemoryNetwork,
  createPuppetLifecycle,
  createSeededRandom,
  createTimeline,
  type MemoryLink,
  type MemoryServer,
  type Timeline,
} from '../../../src/testing/index.js'
import { texts } from '../client/world.js'

const URL = 'memory://server'
const SECOND = 1_000
const MINUTE = 60 * SECOND

/** A real client and the real server core, with two ways between them that can each be broken. */
function createStage() {
  const timeline: Timeline = createTimeline()
  const clock = timeline.clock()
  const random = createSeededRandom(1)
  const network = createMemoryNetwork({ clock, latencyMs: 5 })
  const log = createMemoryLog({ clock })
  const taken: { readonly way: string; readonly at: number }[] = []
  let core: ServerCore
  let server: MemoryServer
  /** A way that opens and then says nothing. */
  let mute: string | undefined
  let expired = false
  const named =
    (way: string, link: MemoryLink): Connect =>
    (url, events) => {
      taken.push({ way, at: timeline.now() - startedAt })
      const onText = (text: string) => {
        if (mute !== way) events.onText(text)
      }
      const { send, close } = link.connect(url, { ...events, onText })
      return { kind: way, bufferedAmount: 0, send, close }
    }
  const startServer = () => {
    core = createServerCore({
      ...{ log, clock, random, authorize: () => 'allow' },
      verify: (token = '') => (expired ? 'expired' : { user: token }),
    })
    server = network.listen(URL, (socket) => {
      const inbound = core.opened(socket)
      return { received: inbound.received, closed: inbound.closed }
    })
  }
  startServer()
  const startedAt = timeline.now()
  const [direct, detour] = [network.link(), network.link()]
  const connect = createFallback({
    connects: [named('websocket', direct), named('http', detour)],
    clock,
  })
  const platform = { clock, random, storage: createMemoryDisk({ clock }).storage(), connect }
  const client = createClientOn(
    { ...platform, lifecycle: createPuppetLifecycle() },
    { url: URL, user: 'alice', token: () => 'alice' },
  )
  const room = client.room('general')
  room.open()
  return {
    ...{ timeline, clock, client, room, direct, detour, taken, startServer },
    ways: () => taken.map(({ way }) => way),
    state: () => client.connection.get(),
    killServer() {
      server.kill()
      core.close()
    },
    mute(way: string | undefined) {
      mute = way
    },
    /** While on, the server closes every connection with a code of its own, before it has said anything. */
    expire(on: boolean) {
      expired = on
    },
    async end() {
      const ended = client.destroy()
      await timeline.advance(3 * SECOND)
      await ended
      core.close()
    },
  }
}

let stage: ReturnType<typeof createStage>
beforeEach(() => {
  stage = createStage()
})
afterEach(() => stage.end())

/** Connects, and waits as long as it takes. */
const connected = async (ms = 30 * SECOND) => {
  stage.client.connect()
  await stage.timeline.advance(ms)
  expect(stage.state().state).toBe('connected')
}
/** By the other way, with the best one refused. */
const byDetour = async () => {
  stage.direct.refuse(true)
  await connected(10 * SECOND)
  expect(stage.state().transport).toBe('http')
}

describe('a connection with two ways', () => {
  it('takes the best one where it is open, and never touches the other', async () => {
    await connected()
    expect(stage.state().transport).toBe('websocket')
    await stage.timeline.advance(30 * MINUTE)
    expect(stage.ways()).toEqual(['websocket'])
  })
  it('takes the other after two openings that failed, and says so', async () => {
    await byDetour()
    expect(stage.ways()).toEqual(['websocket', 'websocket', 'http'])
    stage.room.send('by the detour')
    await stage.timeline.advance(SECOND)
    expect(texts(stage.client)).toEqual(['by the detour'])
    expect(stage.client.outbox.get().pending).toBe(0)
  })
  it('leaves at once a way on which nothing comes for 8 s', async () => {
    stage.direct.blackHole()
    stage.client.connect()
    await stage.timeline.advance(8 * SECOND)
    expect(stage.state()).toMatchObject({ state: 'waiting', reason: 'closed 1006' })
    await stage.timeline.advance(SECOND)
    expect(stage.state()).toMatchObject({ state: 'connected', transport: 'http' })
    expect(stage.ways()).toEqual(['websocket', 'http'])
  })
  it('comes back to the best one within 30 s after it is open again, and loses nothing by it', async () => {
    await byDetour()
    stage.direct.refuse(false)
    const sent = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const text of sent) {
      stage.room.send(text)
      await stage.timeline.advance(5 * SECOND)
    }
    expect(stage.state()).toMatchObject({ state: 'connected', transport: 'websocket' })
    expect(texts(stage.client)).toEqual(sent)
    expect(stage.client.outbox.get().pending).toBe(0)
    const count = stage.taken.length
    await stage.timeline.advance(30 * MINUTE)
    expect(stage.taken).toHaveLength(count)
  })
  it('tries the best one less and less often while it is blocked, at least every 10 minutes', async () => {
    await byDetour()
    stage.taken.length = 0
    await stage.timeline.advance(60 * MINUTE)
    const minutes = stage.taken.map(({ at }) => at / MINUTE)
    const waits = minutes.slice(1).map((at, i) => Math.round(at - (minutes[i] ?? 0)))
    expect(waits).toEqual([1, 2, 4, 8, 10, 10, 10, 10])
    expect(stage.state()).toMatchObject({ state: 'connected', transport: 'http' })
  })
  it('is not drawn back and forth by a way that opens and then says nothing', async () => {
    await byDetour()
    stage.direct.refuse(false)
    stage.mute('websocket')
    await stage.timeline.advance(20 * MINUTE)
    const toDirect = stage.taken.filter(({ way }) => way === 'websocket').length
    expect(toDirect).toBeLessThan(16)
    stage.mute(undefined)
    await stage.timeline.advance(20 * MINUTE)
    expect(stage.state()).toMatchObject({ state: 'connected', transport: 'websocket' })
  })
  it('keeps to what works when it breaks, until the best one is worth a trial again', async () => {
    await byDetour()
    stage.taken.length = 0
    stage.detour.drop()
    await stage.timeline.advance(5 * SECOND)
    expect(stage.ways()).toEqual(['http'])
    stage.detour.blackHole()
    stage.detour.drop()
    await stage.timeline.advance(MINUTE)
    stage.direct.refuse(false)
    await stage.timeline.advance(MINUTE)
    expect(stage.state()).toMatchObject({ state: 'connected', transport: 'websocket' })
  })
  it('finds a server that was away mostly by the best way, and in the end only by it', async () => {
    await connected(SECOND)
    stage.killServer()
    stage.taken.length = 0
    await stage.timeline.advance(5 * MINUTE)
    const ways = stage.ways()
    expect(ways.filter((way) => way === 'http').length).toBeLessThanOrEqual(ways.length / 3 + 1)
    stage.startServer()
    await stage.timeline.advance(2 * MINUTE)
    expect(stage.state().state).toBe('connected')
    await stage.timeline.advance(10 * MINUTE)
    expect(stage.state().transport).toBe('websocket')
  })
  it('takes no word of the server for a blocked way', async () => {
    stage.expire(true)
    stage.client.connect()
    await stage.timeline.advance(MINUTE)
    expect(stage.taken.length).toBeGreaterThan(3)
    stage.expire(false)
    await connected(MINUTE)
    expect(new Set(stage.ways())).toEqual(new Set(['websocket']))
  })
  it('counts no attempt that was given up from this side', async () => {
    const heal = stage.direct.blackHole()
    for (let i = 0; i < 5; i++) {
      stage.client.connect()
      await stage.timeline.advance(SECOND)
      stage.client.disconnect()
      await stage.timeline.advance(SECOND)
    }
    heal()
    await connected(SECOND)
    expect(new Set(stage.ways())).toEqual(new Set(['websocket']))
  })
  it('waits no longer for a trial when the clock is set back', async () => {
    await byDetour()
    stage.direct.refuse(false)
    stage.clock.jump(-24 * 60 * MINUTE)
    await stage.timeline.advance(11 * MINUTE)
    expect(stage.state().transport).toBe('websocket')
  })
  it('leaves nothing behind when it ends, in the middle of whatever it does', async () => {
    await byDetour()
    const heal = stage.direct.blackHole()
    stage.direct.refuse(false)
    // A trial is under way.
    await stage.timeline.advance(31 * SECOND)
    expect(stage.direct.open).toBe(1)
    await stage.client.destroy()
    heal()
    await stage.timeline.advance(SECOND)
    expect(stage.direct.open + stage.detour.open).toBe(0)
  })
})
