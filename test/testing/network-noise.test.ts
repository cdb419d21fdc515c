import { describe, expect, it } from 'vitest'
import { createMemoryNetwork } from '../../src/testing/memory-network.js'
import type { NetworkSocket } from '../../src/testing/network-wire.js'
import { createSeededRandom } from '../../src/testing/seeded-random.js'
import { createTimeline } from '../../src/testing/timeline.js'

/** A client and a server that are connected; both write down what they hear. */
async function connected(options: { readonly seed?: number } = {}) {
  const timeline = createTimeline()
  const network = createMemoryNetwork({
    ...{ clock: timeline.clock(), latencyMs: 10 },
    ...(options.seed !== undefined && { random: createSeededRandom(options.seed) }),
  })
  const served: string[] = []
  const told: string[] = []
  const sockets: NetworkSocket[] = []
  const server = network.listen('ws://s', (socket) => {
    const name = `${sockets.push(socket)}`
    return {
      received: (text) => served.push(`${name} ${text}`),
      closed: (code) => served.push(`${name} closed ${code}`),
    }
  })
  const link = network.link()
  let dialled = 0
  const dial = () => {
    const name = `${++dialled}`
    return link.connect('ws://s', {
      onOpen: () => told.push(`${name} open`),
      onText: (text) => told.push(`${name} ${text}`),
      onClose: ({ code }) => told.push(`${name} closed ${code}`),
    })
  }
  const transport = dial()
  await timeline.advance(40)
  const socket = sockets[0]
  if (socket === undefined) throw new Error('nobody was accepted')
  return { timeline, network, server, link, dial, transport, socket, sockets, served, told }
}

const many = Array.from({ length: 200 }, (_, i) => `text ${i}`)

describe('a noisy link', () => {
  it('loses the texts of one direction until it is quiet again, and nothing but texts', async () => {
    const { timeline, link, transport, socket, served, told } = await connected()
    const quiet = link.noise({ lost: 1 }, 'up')
    transport.send('lost')
    socket.send('heard')
    await timeline.advance(10)
    quiet()
    transport.send('after')
    transport.close(4000)
    await timeline.advance(20)
    expect([served, told]).toEqual([
      ['1 after', '1 closed 4000'],
      ['1 open', '1 heard', '1 closed 4000'],
    ])
  })

  it('brings a doubled text in its place, and once more later', async () => {
    const { timeline, link, transport, served } = await connected()
    const quiet = link.noise({ doubled: 1 }, 'up')
    transport.send('one')
    quiet()
    transport.send('two')
    await timeline.advance(10)
    expect(served).toEqual(['1 one', '1 two'])
    await timeline.advance(20)
    expect(served).toEqual(['1 one', '1 two', '1 one'])
  })

  it('lets what comes later overtake, and brings each text once', async () => {
    const { timeline, link, transport, served } = await connected({ seed: 4 })
    link.noise({ overtaken: 0.5 }, 'up')
    for (const text of many) {
      transport.send(text)
      await timeline.advance(1)
    }
    await timeline.advance(100)
    const heard = served.map((line) => line.slice(2))
    expect(heard).not.toEqual(many)
    expect([...heard].sort()).toEqual([...many].sort())
  })

  it('cuts texts, but no text is heard that was not said', async () => {
    const { timeline, link, transport, served } = await connected({ seed: 4 })
    link.noise({ cut: 0.5 })
    for (const text of many) transport.send(text)
    await timeline.advance(100)
    const heard = served.map((line) => line.slice(2))
    expect(heard.every((text, i) => many[i]?.startsWith(text))).toBe(true)
    const whole = heard.filter((text, i) => text === many[i]).length
    expect(whole).toBeGreaterThan(60)
    expect(whole).toBeLessThan(140)
  })

  it('loses about the share that it was told, the same texts for the same seed', async () => {
    const heardOf = async (seed: number) => {
      const { timeline, link, transport, served } = await connected({ seed })
      link.noise({ lost: 0.25 })
      for (const text of many) transport.send(text)
      await timeline.advance(100)
      return served
    }
    const first = await heardOf(1)
    expect(first.length).toBeGreaterThan(120)
    expect(first.length).toBeLessThan(180)
    expect(await heardOf(1)).toEqual(first)
    expect(await heardOf(2)).not.toEqual(first)
  })

  it('keeps a late text in a black hole as well', async () => {
    const { timeline, link, transport, served } = await connected()
    link.noise({ overtaken: 1 }, 'up')
    transport.send('late')
    const heal = link.blackHole('up')
    await timeline.advance(1000)
    expect(served).toEqual([])
    heal()
    expect(served).toEqual(['1 late'])
  })

  it('refuses a share that is none, and one that it has no chance to decide', async () => {
    const { link } = await connected()
    expect(() => link.noise({ lost: 2 })).toThrow('between 0 and 1')
    expect(() => link.noise({ lost: 0.5 })).toThrow('random')
  })
})

describe('an abandoned connection', () => {
  it('is over for the client at once, and for the server when what was on its way has arrived', async () => {
    const { timeline, network, link, dial, transport, socket, sockets, served, told } = await connected()
    transport.send('on its way up')
    socket.send('on its way down')
    link.abandon(500)
    await timeline.settle()
    expect([told, network.open]).toEqual([['1 open', '1 closed 1006'], 0])
    const next = dial()
    await timeline.advance(40)
    next.send('from the new one')
    transport.send('never')
    socket.send('the server does not know')
    await timeline.advance(400)
    sockets[1]?.send('to the new one')
    await timeline.advance(20)
    expect(served).toEqual(['2 from the new one'])
    expect(told.slice(2)).toEqual(['2 open', '2 to the new one'])
    await timeline.advance(100)
    expect(served).toEqual(['2 from the new one', '1 on its way up', '1 closed 1006'])
    expect(told.slice(4)).toEqual(['1 on its way down', '1 the server does not know'])
  })

  it('goes with its server', async () => {
    const { timeline, link, server, transport, served, told } = await connected()
    transport.send('lost')
    link.abandon(500)
    await timeline.advance(10)
    server.kill()
    await timeline.advance(1000)
    expect(served).toEqual(['1 closed 1006'])
    expect(told).toEqual(['1 open', '1 closed 1006'])
    expect(timeline.pending).toBe(0)
  })
})
