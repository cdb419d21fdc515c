import { describe, expect, it } from 'vitest'
import { idle } from '../../../src/core/people/idle.js'
import { presence } from '../../../src/core/people/presence.js'
import { receipts } from '../../../src/core/people/receipts.js'
import { typing } from '../../../src/core/people/typing.js'
import { newWorld, type Tab, texts, type World } from './world.js'

let world: World

const EVENTS = ['queued', 'confirmed', 'failed', 'error', 'reset', 'evicted'] as const

/** A way to be told: takes a listener, gives its stop. */
type Listen = (listener: () => void) => () => void

/** Everything that a client tells, by name. */
function everything({ client }: Tab, key: string): ReadonlyMap<string, Listen> {
  const room = client.room('general')
  const readables = {
    ...{ connection: client.connection, storage: client.storage, outbox: client.outbox },
    ...{ sync: client.sync, rooms: client.rooms, timeline: room.timeline, message: room.message(key) },
    ...{ 'own typing': typing(room).isTyping, typists: typing(room).users, idle: idle(client) },
    ...{ receipts: receipts(room).state, 'read by': receipts(room).readBy(key) },
    ...{ presence: presence(client).of('bob'), 'own presence': presence(client).mine },
    'presence in the room': presence(client).inRoom('general'),
  }
  return new Map<string, Listen>([
    ...Object.entries(readables).map(([name, { subscribe }]) => [name, subscribe] as const),
    ...EVENTS.map((event) => [event, (listener: () => void) => client.on(event, listener)] as const),
    ['arrivals', (listener) => room.arrivals(() => listener())],
  ])
}

/**
 * Two people talk, and so that every kind of listener has something to hear, alice also loses her connection, types, reads, and falls asleep.
 * `attach` is given every kind for alice.
 */
async function talk(attach: (name: string, listen: Listen, tab: Tab) => void): Promise<readonly [Tab, Tab]> {
  world = newWorld({ latencyMs: 10 })
  const [alice, bob] = [world.tab(world.profile('alice')), world.tab(world.profile('bob'))]
  const [hers, his] = [alice.client.room('general'), bob.client.room('general')]
  for (const room of [hers, his]) room.open()
  for (const { client } of [alice, bob]) client.connect()
  const first = hers.send('first')
  for (const [name, listen] of everything(alice, first.key)) attach(name, listen, alice)
  await world.timeline.advance(1_000)
  his.send('from bob')
  typing(his).keystroke()
  typing(hers).keystroke()
  await world.timeline.advance(1_000)
  receipts(his).markRead()
  receipts(hers).markRead()
  presence(alice.client).set({ status: 'away' })
  presence(bob.client).set({ status: 'busy' })
  await world.timeline.advance(1_000)
  alice.link.drop()
  await world.timeline.advance(120_000)
  // What answers nothing is refused, and shown as failed.
  hers.send('an answer', { replyTo: 'nothing that is there' })
  his.send('last')
  await world.timeline.advance(700_000)
  return [alice, bob]
}

/** How often each was told; those that this conversation gives nothing to say are left out. */
const silent = new Set(['error', 'reset', 'evicted'])

describe('listeners of every kind', () => {
  it('I10: none is starved by one that throws, at once or later, and each throw is reported', async () => {
    const told = new Map<string, { before: number; behind: number; thrown: number }>()
    const [alice, bob] = await talk((name, listen) => {
      const counts = { before: 0, behind: 0, thrown: 0 }
      told.set(name, counts)
      listen(() => counts.before++)
      listen(() => {
        counts.thrown++
        throw new Error(name)
      })
      const later: () => unknown = () => Promise.reject(new Error(name))
      listen(later)
      listen(() => counts.behind++)
    })
    for (const [name, { before, behind }] of told) {
      expect([name, behind]).toEqual([name, before])
      if (!silent.has(name)) expect([name, before > 0]).toEqual([name, true])
    }
    expect(new Set(alice.errors.map(({ code }) => code))).toEqual(new Set(['listener']))
    const reported = alice.errors.map(({ cause }) => (cause instanceof Error ? cause.message : ''))
    for (const [name, { thrown }] of told)
      if (name !== 'error')
        expect([name, reported.filter((one) => one === name).length]).toEqual([name, 2 * thrown])
    expect(texts(alice.client)).toEqual([...texts(bob.client), 'an answer'])
    expect(texts(bob.client)).toEqual(['first', 'from bob', 'last'])
  })

  it('stop themselves and others while they are told, and nobody else misses a call', async () => {
    const told = new Map<string, { before: number; itself: number; stopped: number; behind: number }>()
    await talk((name, listen) => {
      const counts = { before: 0, itself: 0, stopped: 0, behind: 0 }
      told.set(name, counts)
      listen(() => counts.before++)
      const stop = listen(() => {
        counts.itself++
        stop()
        stopOther()
      })
      const stopOther = listen(() => counts.stopped++)
      listen(() => counts.behind++)
    })
    for (const [name, { before, itself, stopped, behind }] of told)
      expect([name, { itself, stopped, behind }]).toEqual([
        name,
        { itself: Math.min(1, before), stopped: 0, behind: before },
      ])
  })

  it('write from what they are told: it goes out once each, and the telling ends', async () => {
    const wrote: string[] = []
    const told = new Map<string, { before: number; behind: number }>()
    const [alice, bob] = await talk((name, listen, { client }) => {
      const counts = { before: 0, behind: 0 }
      told.set(name, counts)
      listen(() => counts.before++)
      let left = 2
      listen(() => {
        if (left-- <= 0) return
        wrote.push(`${name} ${left}`)
        client.room('general').send(`${name} ${left}`)
      })
      listen(() => counts.behind++)
    })
    for (const [name, { before, behind }] of told) expect([name, behind]).toEqual([name, before])
    expect(wrote.length).toBeGreaterThan(20)
    const said = texts(bob.client).filter((text) => wrote.includes(String(text)))
    expect(said.toSorted()).toEqual(wrote.toSorted())
    expect(alice.client.outbox.get().pending).toBe(0)
    expect(alice.errors).toEqual([])
  })

  it('leave and come back while they are told: the connection ends up where the last word left it', async () => {
    const [alice] = await talk((_name, listen, { client }) => {
      let left = 1
      listen(() => {
        if (left-- <= 0) return
        client.disconnect()
        client.connect()
      })
    })
    expect(alice.client.connection.get().state).toBe('connected')
    expect(alice.errors).toEqual([])
  })

  it.each(['connection', 'storage', 'outbox', 'sync', 'rooms', 'timeline', 'message', 'queued', 'arrivals'])(
    'end the client from what they are told of (%s): nothing is thrown, nothing stays behind, nothing is told any more',
    async (kind) => {
      const after: string[] = []
      let ended: Promise<void> | undefined
      const [alice, bob] = await talk((name, listen, { client }) => {
        listen(() => {
          if (name === kind) ended ??= client.destroy()
        })
        listen(() => ended && after.push(name))
      })
      await world.timeline.advance(10_000)
      await ended
      expect(ended).toBeDefined()
      // Whoever listened behind it to the same change, and that the connection is over, and what came of it is told still.
      expect(after.length).toBeLessThan(20)
      expect(alice.left()).toEqual([])
      expect([...alice.errors, ...bob.errors]).toEqual([])
    },
  )
})
