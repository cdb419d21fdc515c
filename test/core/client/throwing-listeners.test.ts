import { describe, expect, it } from 'vitest'
import { at, newPuppet } from './puppet-world.js'
import { texts } from './world.js'

describe('a listener that throws', () => {
  const boom = (): never => {
    throw new Error('boom')
  }

  it('I10: starves nobody: events, lists, single messages, states and arrivals reach the others', async () => {
    const p = newPuppet()
    const { client } = p
    const room = client.room('general')
    const told: string[] = []
    const readables = {
      connection: client.connection,
      storage: client.storage,
      outbox: client.outbox,
      sync: client.sync,
      rooms: client.rooms,
      timeline: room.timeline,
    }
    for (const [name, readable] of Object.entries(readables)) {
      readable.subscribe(boom)
      readable.subscribe(() => told.push(name))
    }
    room.arrivals(boom)
    room.arrivals((message) => told.push(`arrival ${message.body}`))
    for (const event of ['queued', 'confirmed', 'failed', 'error', 'reset'] as const) {
      client.on(event, boom)
      client.on(event, () => told.push(event))
    }
    await p.live()
    const sent = room.send('hello')
    room.message(sent.key).subscribe(boom)
    room.message(sent.key).subscribe(() => told.push('message'))
    await p.timeline.settle()
    const [frame] = p.framesOf('message')
    p.server.send(p.event(1, { from: 'alice', id: sent.key, stamp: frame?.stamp ?? '', body: 'hello' }))
    p.server.send(p.event(2))
    await p.timeline.settle()
    const refused = room.send('refused')
    await p.timeline.settle()
    p.server.send({ type: 'nack', id: refused.key, code: 'forbidden', message: 'No.', retryable: false })
    await p.timeline.settle()
    const expected = [
      ...Object.keys(readables),
      'message',
      'arrival hello',
      'arrival 2',
      'queued',
      'confirmed',
    ]
    expect(new Set(told)).toEqual(new Set([...expected, 'failed', 'error']))
    expect(texts(client)).toEqual(['hello', 2, 'refused'])
    expect(new Set(p.codes())).toEqual(new Set(['listener']))
    expect(p.errors[0]?.cause).toEqual(new Error('boom'))
  })

  it('S72: stops neither a page nor the position', async () => {
    const p = newPuppet()
    const room = p.client.room('general')
    room.timeline.subscribe(boom)
    room.arrivals(boom)
    await p.welcome()
    await p.catchUp(
      3,
      [1, 2, 3].map((seq) => p.entry(seq)),
    )
    p.server.send(p.event(4))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2, 3, 4])
    await p.reload()
    p.client.room('general').open()
    await p.welcome()
    expect(p.framesOf('hello')).toMatchObject([{ rooms: [{ cursor: at(4) }] }])
  })
})
