import { describe, expect, it } from 'vitest'
import { createMemoryNetwork } from '../../src/testing/memory-network.js'
import type { Accept, NetworkSocket } from '../../src/testing/network-wire.js'
import { createTimeline } from '../../src/testing/timeline.js'

function world(latencyMs = 10) {
  const timeline = createTimeline()
  const network = createMemoryNetwork({ clock: timeline.clock(), latencyMs })
  const served: string[] = []
  const sockets: NetworkSocket[] = []
  const accept: Accept = (socket) => {
    sockets.push(socket)
    return {
      received: (text) => served.push(text),
      closed: (code, reason) => served.push(`closed ${code} ${reason}`),
    }
  }
  const server = network.listen('ws://s', accept)
  const told: string[] = []
  const link = network.link()
  const dial = () =>
    link.connect('ws://s', {
      onOpen: () => told.push('open'),
      onText: (text) => told.push(text),
      onClose: ({ code, reason }) => told.push(`closed ${code} ${reason}`),
    })
  const last = () => {
    const socket = sockets.at(-1)
    if (socket === undefined) throw new Error('nobody was accepted')
    return socket
  }
  return { timeline, network, server, served, told, link, dial, last, accept }
}

describe('the network in memory', () => {
  it('takes its latency each way', async () => {
    const { timeline, served, told, dial, last } = world()
    const transport = dial()
    await timeline.advance(19)
    expect(told).toEqual([])
    await timeline.advance(1)
    expect(told).toEqual(['open'])
    transport.send('up')
    last().send('down')
    await timeline.advance(9)
    expect([served, told]).toEqual([[], ['open']])
    await timeline.advance(1)
    expect([served, told]).toEqual([['up'], ['open', 'down']])
  })

  it('tells each end of a close exactly once, with its code, behind the texts', async () => {
    const { timeline, network, served, told, dial, last } = world()
    const transport = dial()
    await timeline.advance(20)
    transport.send('last words')
    transport.close(4000, 'bye')
    transport.send('too late')
    await timeline.advance(20)
    expect(served).toEqual(['last words', 'closed 4000 bye'])
    expect(told).toEqual(['open', 'closed 4000 bye'])
    dial()
    await timeline.advance(20)
    last().send('goodbye')
    last().close(4001, 'server')
    last().close(4002, 'twice')
    await timeline.advance(100)
    expect(told.slice(2)).toEqual(['open', 'goodbye', 'closed 4001 server'])
    expect(served.slice(2)).toEqual(['closed 4001 server'])
    expect([network.open, timeline.pending]).toEqual([0, 0])
  })

  it('loses what is on its way when a link drops, and lets the client come back', async () => {
    const { timeline, served, told, link, dial, last } = world()
    const transport = dial()
    await timeline.advance(20)
    transport.send('lost')
    last().send('lost as well')
    link.drop()
    await timeline.settle()
    expect(timeline.pending).toBe(0)
    await timeline.advance(50)
    expect([served, told]).toEqual([['closed 1006 '], ['open', 'closed 1006 ']])
    dial()
    await timeline.advance(20)
    expect(told.at(-1)).toBe('open')
  })

  it('keeps in a black hole what is sent into it, by direction, and counts it', async () => {
    const { timeline, served, told, link, dial, last } = world()
    const transport = dial()
    await timeline.advance(20)
    const heal = link.blackHole('up')
    transport.send('é 1')
    transport.send('2')
    last().send('down')
    await timeline.advance(1000)
    expect([served, told]).toEqual([[], ['open', 'down']])
    expect(transport.bufferedAmount).toBe(5)
    heal()
    heal()
    expect(served).toEqual(['é 1', '2'])
    expect(transport.bufferedAmount).toBe(0)
  })

  it('lets nothing arrive sooner because a black hole was there', async () => {
    const { timeline, served, link, dial } = world()
    const transport = dial()
    await timeline.advance(20)
    const heal = link.blackHole()
    transport.send('text')
    await timeline.advance(5)
    heal()
    await timeline.advance(4)
    expect(served).toEqual([])
    await timeline.advance(1)
    expect(served).toEqual(['text'])
  })

  it('does not bring an attempt or a close back from a black hole before it ends', async () => {
    const { timeline, network, told, link, dial } = world()
    const transport = dial()
    await timeline.advance(20)
    const heal = link.blackHole()
    transport.close()
    dial()
    await timeline.advance(60_000)
    expect([told, network.open]).toEqual([['open'], 2])
    heal()
    await timeline.advance(20)
    expect(told).toEqual(['open', 'closed 1005 ', 'open'])
  })

  it('refuses one link while others connect', async () => {
    const { timeline, network, told, link, dial } = world()
    link.refuse(true)
    dial()
    let others = 0
    network.connect('ws://s', { onOpen: () => others++, onText() {}, onClose() {} })
    await timeline.advance(20)
    expect([told, others, network.attempts]).toEqual([['closed 1006 '], 1, 2])
    network.cutAll()
    await timeline.settle()
    expect(network.open).toBe(0)
  })

  it('kills a server without a word, and lets another listen in its place', async () => {
    const { timeline, network, server, served, told, dial, last, accept } = world()
    dial()
    await timeline.advance(20)
    last().send('never arrives')
    expect(() => network.listen('ws://s', accept)).toThrow('listens')
    server.kill()
    dial()
    await timeline.advance(20)
    expect([told, served]).toEqual([['open', 'closed 1006 ', 'closed 1006 '], ['closed 1006 ']])
    network.listen('ws://s', accept)
    server.stop()
    dial()
    await timeline.advance(20)
    expect(told.at(-1)).toBe('open')
  })

  it('brings what a server sends while it accepts, after the opening', async () => {
    const timeline = createTimeline()
    const network = createMemoryNetwork()
    network.listen('ws://s', (socket) => {
      socket.send('welcome')
      return { received() {}, closed() {} }
    })
    const told: string[] = []
    network.connect('ws://s', {
      onOpen: () => told.push('open'),
      onText: (text) => told.push(text),
      onClose() {},
    })
    expect(told).toEqual([])
    await timeline.settle()
    expect(told).toEqual(['open', 'welcome'])
  })
})
