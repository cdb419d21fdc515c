import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClientFrame } from '../../../src/protocol/index.js'
import { createLine, message } from './line.js'

const bytesOf = (text: string) => new TextEncoder().encode(text).length
function limits() {
  return { frame: 65_536, body: 1, rooms: 1, page: 1, dedupeWindow: 1, rate: { perSecond: 1, burst: 1 } }
}

describe('sending', () => {
  it('puts the frames of one tick into one text message, in order', async () => {
    const line = createLine()
    const socket = line.up()
    line.connection.send([message('m1')], 'durable')
    line.connection.send([{ type: 'sync_credit', id: 's1', pages: 1 }], 'control')
    line.connection.send([message('m2'), message('m3')], 'durable')
    await line.timeline.settle()
    line.connection.send([message('m4')], 'durable')
    await line.timeline.settle()
    expect(socket.texts).toHaveLength(3)
    expect(JSON.parse(socket.texts[1] ?? '')).toHaveLength(4)
    expect(JSON.parse(socket.texts[2] ?? '')).toEqual(message('m4'))
    expect(socket.frames.slice(1).map((frame) => ('id' in frame ? frame.id : ''))).toEqual([
      'm1',
      's1',
      'm2',
      'm3',
      'm4',
    ])
  })

  it('never hands over more than 64 KiB in one text, whatever the script, and keeps order and content', async () => {
    const body = fc
      .tuple(fc.constantFrom('a', 'é', '語', '😀', '"', '\ud800'), fc.nat(8_000))
      .map(([unit, count]) => unit.repeat(count))
    const bodies = fc.array(body, { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(bodies, async (texts) => {
        const line = createLine()
        const socket = line.up()
        const frames = texts.map((text, i) => message(`m${i}`, text))
        expect(line.connection.send(frames, 'durable')).toBe(true)
        await line.timeline.settle()
        for (const text of socket.texts) expect(bytesOf(text)).toBeLessThanOrEqual(65_536)
        expect(socket.frames.slice(1)).toEqual(frames)
      }),
      { numRuns: 25 },
    )
  })

  it('fills a text to the last byte, and not beyond', async () => {
    const line = createLine()
    const socket = line.up()
    const envelope = bytesOf(JSON.stringify(message('m1', '')))
    const half = (65_536 - 3) / 2 - envelope
    line.connection.send(
      [message('m1', 'x'.repeat(Math.floor(half))), message('m2', 'x'.repeat(Math.ceil(half)))],
      'durable',
    )
    await line.timeline.settle()
    expect(socket.texts.slice(1).map(bytesOf)).toEqual([65_536])
    line.connection.send(
      [message('m3', 'x'.repeat(Math.ceil(half))), message('m4', 'x'.repeat(Math.ceil(half)))],
      'durable',
    )
    await line.timeline.settle()
    expect(socket.texts).toHaveLength(4)
  })

  it('never puts more frames into an array than the wire allows', async () => {
    const line = createLine()
    const socket = line.up()
    const frames: ClientFrame[] = Array.from({ length: 2_500 }, () => ({ type: 'ping', t: 1 }))
    line.connection.send(frames, 'control')
    await line.timeline.settle()
    expect(socket.texts.slice(1).map((text) => JSON.parse(text).length)).toEqual([1024, 1024, 452])
  })

  it('keeps to a smaller bound that the server names', async () => {
    const line = createLine()
    const socket = line.up({ limits: { ...limits(), frame: 1_000 } })
    const frames = Array.from({ length: 30 }, (_, i) => message(`m${i}`))
    line.connection.send(frames, 'durable')
    await line.timeline.settle()
    for (const text of socket.texts.slice(1)) expect(bytesOf(text)).toBeLessThanOrEqual(1_000)
    expect(socket.frames.slice(1)).toEqual(frames)
  })

  it('a frame that fits into no text is told, and its neighbours go', async () => {
    const line = createLine()
    const socket = line.up()
    expect(
      line.connection.send([message('m1'), message('m2', 'x'.repeat(70_000)), message('m3')], 'durable'),
    ).toBe(true)
    await line.timeline.settle()
    expect(line.errors).toMatchObject([{ code: 'too_large', operation: 'm2' }])
    expect(socket.frames.slice(1)).toEqual([message('m1'), message('m3')])
  })

  it('S44: nothing is handed to a transport that is not welcomed, and the caller is told', async () => {
    const line = createLine()
    expect(line.connection.send([message('m1')], 'durable')).toBe(false)
    const socket = line.up()
    socket.close(1006)
    expect(line.connection.send([message('m2')], 'durable')).toBe(false)
    expect(line.connection.send([message('m3')], 'control')).toBe(false)
    await line.timeline.settle()
    expect(socket.frames).toHaveLength(1)
  })

  it('S137: what a dead transport had not sent is forgotten aloud, never sent behind the back of the owner', async () => {
    const line = createLine()
    const socket = line.up()
    line.connection.send([message('m1')], 'durable')
    socket.close(1006)
    expect(line.told.at(-1)).toBe('down')
    await line.nextAttempt()
    line.greet()
    await line.timeline.settle()
    expect(line.sockets.all.flatMap(({ frames }) => frames).map(({ type }) => type)).toEqual([
      'hello',
      'hello',
    ])
  })

  it('disconnect() hands over what this tick gathered', () => {
    const line = createLine()
    const socket = line.up()
    line.connection.send([message('m1')], 'durable')
    line.connection.disconnect()
    expect(socket.frames.at(-1)).toEqual(message('m1'))
  })
})
