import { describe, expect, it } from 'vitest'
import { encodeFrames, formatStamp, WIRE } from '../../../src/protocol/index.js'
import { deep } from './deep.js'
import { at, newPuppet, type PuppetWorld } from './puppet-world.js'
import { numbers } from './steps.js'
import { texts } from './world.js'

describe('a text from the server that cannot be read', () => {
  const broken = (p: PuppetWorld): Record<string, string> => ({
    'is not JSON': '{"type":"event"',
    'is nothing': '',
    'is a number': '7',
    'is null': 'null',
    'is an array of arrays': '[[[]]]',
    'nests 100,000 levels': '['.repeat(100_000) + ']'.repeat(100_000),
    'is larger than the wire allows': JSON.stringify({
      type: 'event',
      body: 'x'.repeat(WIRE.serverTextBytes),
    }),
    'holds more frames than an array may': JSON.stringify(
      numbers(0, WIRE.framesPerArray).map(() => ({ type: 'ping', t: 1 })),
    ),
    'has no type': '{"room":"general"}',
    'has a body that is too deep': JSON.stringify({ ...p.event(1), body: deep(WIRE.bodyDepth + 1) }),
    'has a seq that is a text': JSON.stringify({ ...p.event(1), seq: '1' }),
    'has a stamp that is none': JSON.stringify({ ...p.event(1), stamp: 'yesterday' }),
    'names a prototype': '{"type":"__proto__","room":"general"}',
  })

  it('throws nothing, is told as a typed error, and costs nothing of what comes after it', async () => {
    const p = newPuppet()
    await p.live()
    for (const [what, text] of Object.entries(broken(p))) {
      const before = p.errors.length
      expect(() => p.server.sendText(text), what).not.toThrow()
      await p.timeline.settle()
      const told = p.errors.slice(before).map(({ code }) => code)
      expect(told, what).toEqual(what === 'names a prototype' ? [] : ['bad_frame'])
      expect(p.client.connection.get().state, what).toBe('connected')
    }
    p.page(1, [p.entry(1)])
    await p.timeline.settle()
    // Frames were lost while the page was on its way: the room is read to the end once more.
    p.page(1, [])
    await p.timeline.settle()
    p.server.send(p.event(2))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2])
    expect(p.server.refused).toEqual([])
  })

  it('costs its neighbours in the same text nothing', async () => {
    const p = newPuppet()
    await p.live()
    const good = [p.event(1), p.event(2)].map((frame) => encodeFrames([frame]))
    p.server.sendText(`[${good[0]},{"type":"presence_update","users":[]},7,${good[1]},null]`)
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2])
    // A type of a later version is no error.
    expect(p.codes()).toEqual(['bad_frame', 'bad_frame'])
  })

  it('and names a room has that room read again: the position does not stick', async () => {
    const p = newPuppet()
    await p.live()
    p.server.send(p.event(1))
    await p.timeline.settle()
    p.server.received.length = 0
    p.server.sendText(JSON.stringify({ ...p.event(2), stamp: 'none' }))
    await p.timeline.settle()
    expect(p.errors.at(-1)).toMatchObject({ code: 'bad_frame', room: 'general' })
    expect(p.framesOf('sync_request')).toMatchObject([{ room: 'general', cursor: at(1) }])
    p.page(3, [p.entry(2), p.entry(3)])
    p.server.send(p.event(4))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2, 3, 4])
  })

  it('while its room is being read has it read once more', async () => {
    const p = newPuppet()
    p.client.room('general').open()
    await p.welcome()
    p.server.send(p.subscribed(1))
    await p.timeline.settle()
    p.server.sendText(JSON.stringify({ ...p.event(2), stamp: 'none' }))
    p.page(1, [p.entry(1)])
    await p.timeline.settle()
    expect(p.framesOf('sync_request').at(-1)).toMatchObject({ cursor: at(1) })
    p.page(2, [p.entry(2)])
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2])
  })
})

describe('an entry that cannot be read', () => {
  it('in a page is left out and told; the page, the position and the room go on', async () => {
    const p = newPuppet()
    p.client.room('general').open()
    await p.welcome()
    p.server.send(p.subscribed(4))
    await p.timeline.settle()
    const [one, two, three, four] = [1, 2, 3, 4].map((seq) => p.entry(seq))
    const { id, room } = p.framesOf('sync_request')[0] ?? {}
    const frame = {
      type: 'sync_response',
      id,
      room,
      prev: null,
      cursor: at(4),
      seq: 4,
      hasMore: false,
      head: 4,
    }
    const bad = [
      { ...two, from: 17 },
      { ...three, body: deep(40) },
    ]
    p.server.sendText(JSON.stringify({ ...frame, messages: [one, ...bad, four] }))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 4])
    expect(p.codes()).toEqual(['bad_entry', 'bad_entry'])
    p.server.send(p.event(5))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 4, 5])
    expect(p.framesOf('sync_request')).toHaveLength(1)
    await p.reload()
    p.client.room('general').open()
    await p.welcome()
    expect(p.framesOf('hello')).toMatchObject([{ rooms: [{ room: 'general', cursor: at(5) }] }])
  })

  it.each([
    ['on the bound, is shown', 0, [1, 2, 3]],
    ['1 ms beyond, is left out', 1, [1, 3]],
  ])(
    'stamped far ahead of its own time, %s, in an event and in a page alike',
    async (_name, beyond, expected) => {
      const ts = Date.UTC(2026, 0, 5, 9)
      const far = { stamp: formatStamp(ts + WIRE.stampQuarantineMs + beyond, 0, 'bobs-clock-'), ts }
      const live = newPuppet()
      await live.live()
      for (const seq of [1, 2, 3]) live.server.send(live.event(seq, seq === 2 ? far : { ts }))
      await live.timeline.settle()
      const paged = newPuppet()
      paged.client.room('general').open()
      await paged.welcome()
      await paged.catchUp(
        3,
        [1, 2, 3].map((seq) => paged.entry(seq, seq === 2 ? far : { ts })),
      )
      for (const p of [live, paged]) {
        expect(texts(p.client).toSorted()).toEqual(expected)
        expect(p.codes()).toEqual(beyond ? ['bad_entry'] : [])
        expect(p.client.room('general').timeline.get().status).toBe('live')
        // Nothing of it reaches the clock: what is written next sorts by its own time.
        p.server.send(p.event(4, { ts }))
        await p.timeline.settle()
        const sent = p.client.room('general').send('next')
        if (beyond) expect(sent.message.sentAt).toBeLessThan(ts + 1_000)
        await p.end()
      }
    },
  )
})
