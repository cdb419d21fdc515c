import { describe, expect, it } from 'vitest'
import { decodeServerText, encodeFrames } from '../../src/protocol/index.js'
import { createPuppetServer } from '../../src/testing/puppet-server.js'
import { createTimeline } from '../../src/testing/timeline.js'

function play() {
  const server = createPuppetServer(createTimeline({ startMs: 5000 }).clock())
  const told: string[] = []
  const dial = () =>
    server.connect('ws://s', {
      onOpen: () => told.push('open'),
      onText: (text) => told.push(text),
      onClose: ({ code, reason }) => told.push(`closed ${code} ${reason}`),
    })
  return { server, told, dial }
}

describe('the puppet server', () => {
  it('does nothing until told, then all of it at once', () => {
    const { server, told, dial } = play()
    const transport = dial()
    expect([told, server.waiting, server.open, server.attempts]).toEqual([[], true, 0, ['ws://s']])
    transport.send(encodeFrames([{ type: 'ping', t: 1 }]))
    server.accept()
    transport.send(
      encodeFrames([
        { type: 'ping', t: 2 },
        { type: 'ping', t: 3 },
      ]),
    )
    transport.send('nonsense')
    expect(server.received).toEqual([
      { type: 'ping', t: 2 },
      { type: 'ping', t: 3 },
    ])
    expect(server.refused).toEqual([{ fault: 'not_json' }])
    expect(server.texts).toHaveLength(2)
    server.send({ type: 'pong', t: 2 })
    server.close(4001, 'enough')
    expect(told).toEqual(['open', '{"type":"pong","t":2}', 'closed 4001 enough'])
    expect(() => server.send({ type: 'pong', t: 2 })).toThrow('no connection is open')
  })

  it('welcomes with a frame that a client accepts, at the time of its clock', () => {
    const { server, told, dial } = play()
    dial()
    server.welcome({ user: 'alice', session: 'mine' })
    const decoded = decodeServerText(told[1])
    expect(decoded.refused).toEqual([])
    expect(decoded.frames).toMatchObject([{ type: 'welcome', user: 'alice', session: 'mine', t: 5000 }])
  })

  it('refuses, drops, and tells a close of the client once, later', async () => {
    const { server, told, dial } = play()
    dial()
    server.refuse()
    expect(() => server.accept()).toThrow('no attempt waits')
    dial()
    server.accept()
    server.drop()
    const third = dial()
    server.accept()
    third.close(4000, 'mine')
    third.close(4001, 'twice')
    expect(told).toEqual(['closed 1006 ', 'open', 'closed 1006 ', 'open'])
    await Promise.resolve()
    expect(told.slice(4)).toEqual(['closed 4000 mine'])
    expect(server.closes[0]).toEqual({ code: 4000, reason: 'mine' })
    expect(server.open).toBe(0)
    server.buffer(9)
    expect(third.bufferedAmount).toBe(9)
  })
})
