import { createMemoryLog, createServerCore } from 'tidings-server'
import { afterEach, describe, expect, it } from 'vitest'
import type { Client } from '../../../src/core/api.js'
import { createClientOn } from '../../../src/core/client.js'
import { createRouterOn } from '../../../src/core/connection/router.js'
import type { TidingsError } from '../../../src/core/errors.js'
import type { ClientOptions } from '../../../src/core/platform.js'
import {
  createMemoryDisk,
  createMemoryNetwork,
  createPuppetLifecycle,
  createSeededRandom,
  createTimeline,
} from '../../../src/testing/index.js'
import { createLine } from './line.js'

describe('a url that is a function', () => {
  it('is asked before each attempt', async () => {
    let asked = 0
    const line = createLine({ url: () => `wss://shard-${++asked}` })
    expect(asked).toBe(0)
    line.connection.connect()
    await line.timeline.settle()
    line.last().close()
    await line.timeline.advance(2_000)
    expect(line.sockets.all.map(({ url }) => url)).toEqual(['wss://shard-1', 'wss://shard-2'])
  })

  it('that throws fails the attempt, says so, and is asked again', async () => {
    let known = false
    const line = createLine({
      url: () => {
        if (!known) throw new Error('no shard is known')
        return 'wss://shard'
      },
    })
    line.connection.connect()
    await line.timeline.settle()
    expect(line.state()).toBe('waiting')
    expect(line.errors.map(({ code, cause }) => [code, cause])).toEqual([
      ['server', new Error('no shard is known')],
    ])
    expect(line.sockets.all).toEqual([])
    known = true
    await line.timeline.advance(2_000)
    expect(line.sockets.all.map(({ url }) => url)).toEqual(['wss://shard'])
  })
})

it('the storage is named after the service, so that it is found whatever the url says', async () => {
  const timeline = createTimeline()
  const clock = timeline.clock()
  const disk = createMemoryDisk({ clock })
  const network = createMemoryNetwork({ clock })
  const random = createSeededRandom(1)
  const tryOn = async (place: Pick<ClientOptions, 'url' | 'service'>) => {
    const client = createClientOn(
      {
        ...{ clock, random, connect: network.link().connect },
        ...{ storage: disk.storage(), lifecycle: createPuppetLifecycle() },
      },
      { ...place, user: 'alice', token: () => 'alice' },
    )
    client.connect()
    await timeline.advance(100)
    const { pending } = client.outbox.get()
    client.room('general').send('hello')
    await timeline.advance(100)
    const ended = client.destroy()
    await timeline.advance(10)
    await ended
    return pending
  }
  expect(await tryOn({ url: 'memory://a' })).toBe(0)
  expect(await tryOn({ url: () => 'memory://a' })).toBe(0)
  expect(await tryOn({ url: () => 'memory://b' })).toBe(1)
  expect(await tryOn({ url: () => 'memory://b', service: 'memory://a' })).toBe(1)
  expect(await tryOn({ url: 'memory://a', service: 'another' })).toBe(0)
  expect(await tryOn({ url: 'memory://a' })).toBe(2)
})

const clients = new Set<Client>()
let end: (() => Promise<void>) | undefined
afterEach(() => end?.())

/** Three servers of one log, and clients whose router names one of them. */
function createShards() {
  const timeline = createTimeline()
  const clock = timeline.clock()
  const random = createSeededRandom(3)
  const network = createMemoryNetwork({ clock, latencyMs: 5 })
  const log = createMemoryLog({ clock })
  const nodes = ['memory://a', 'memory://b', 'memory://c']
  const servers = new Map(
    nodes.map((url) => {
      const core = createServerCore({
        ...{ log, clock, random },
        verify: (token) => (token ? { user: token } : 'refused'),
        authorize: () => 'allow',
      })
      return [url, { core, listening: network.listen(url, (socket) => core.opened(socket)) }] as const
    }),
  )
  const errors: TidingsError[] = []

  function client(user: string, disk = createMemoryDisk({ clock })) {
    const router = createRouterOn(clock, nodes)
    let server = ''
    const url = () => {
      server = router.pick(user)
      return server
    }
    const made = createClientOn(
      {
        ...{ clock, random, connect: network.link().connect },
        storage: disk.storage(),
        lifecycle: createPuppetLifecycle(),
      },
      { url, user, token: () => user },
    )
    clients.add(made)
    made.on('error', (error) => errors.push(error))
    made.connect()
    made.room('general').open()
    // What the guide shows: a server that was not reached is passed over for a while.
    made.connection.subscribe(() => {
      const { state } = made.connection.get()
      if (state === 'waiting') router.markDown(server)
      if (state === 'connected') router.markUp(server)
    })
    return { client: made, server: () => server, disk }
  }

  end = async () => {
    const ended = Promise.all([...clients].map((each) => each.destroy()))
    await timeline.advance(10)
    await ended
    for (const { core } of servers.values()) core.close()
    clients.clear()
  }
  return { timeline, servers, client, errors }
}

const texts = (client: Client) =>
  client
    .room('general')
    .timeline.get()
    .items.map((item) => item.type === 'message' && item.body)

describe('users shared out over servers', () => {
  it('talk to each other, and go to the next server when theirs is gone', async () => {
    const { timeline, servers, client, errors } = createShards()
    const users = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'].map((user) => ({
      user,
      ...client(user),
    }))
    await timeline.advance(1_000)
    for (const { client: each, user } of users) {
      each.room('general').send(user)
      await timeline.advance(100)
    }
    const all = users.map(({ user }) => user)
    for (const { client: each } of users) expect(texts(each)).toEqual(all)
    const homes = new Set(users.map(({ server }) => server()))
    expect(homes.size).toBeGreaterThan(1)

    const [gone] = homes
    servers.get(gone ?? '')?.listening.kill()
    for (const { client: each, user } of users) {
      each.room('general').send(`${user} again`)
      await timeline.advance(100)
    }
    await timeline.advance(60_000)
    for (const { client: each } of users) {
      expect(each.connection.get().state).toBe('connected')
      expect(texts(each)).toEqual([...all, ...all.map((user) => `${user} again`)])
    }
    expect(errors).toEqual([])
  })

  it('find what the device holds, whatever server they are sent to', async () => {
    const { timeline, servers, client } = createShards()
    const first = client('alice')
    await timeline.advance(1_000)
    const home = first.server()
    servers.get(home)?.listening.kill()
    first.client.room('general').send('in the outbox')
    await timeline.advance(10)
    const destroyed = first.client.destroy()
    clients.delete(first.client)
    await timeline.advance(10)
    await destroyed
    const again = client('alice', first.disk)
    await timeline.advance(60_000)
    expect(again.server()).not.toBe(home)
    expect(texts(again.client)).toEqual(['in the outbox'])
  })
})
