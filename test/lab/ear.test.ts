import { describe, expect, it } from 'vitest'
import { type Acknowledged, createEars, type WireCount } from '../../lab/replay/ear.js'

const ears = () => {
  const count: WireCount = { welcomed: 0, moved: 0, resent: 0, duplicateAcks: 0, resets: 0, breaks: 0 }
  const acknowledged: Acknowledged[] = []
  return { count, acknowledged, ...createEars(count, (one) => acknowledged.push(one)) }
}
/** As servers print it. */
const event = (seq: number, { room = 'general', prev = seq - 1 } = {}) =>
  `{"type":"event","room":"${room}","seq":${seq},"cursor":"${seq}.c","prev":"${prev}.c","messageId":"m${seq}"}`

describe('what is heard of a server', () => {
  it('is a break where an event does not follow the one before it on its connection', () => {
    const { open, count } = ears()
    const [here, there] = [open('a'), open('a')]
    here.hear(`[${event(1)},${event(2)}]`)
    here.hear(event(3))
    there.hear(event(7))
    here.hear(event(9, { room: 'other' }))
    expect(count.breaks).toBe(0)
    here.hear(event(5))
    here.hear(event(6))
    there.hear(event(8, { prev: 6 }))
    expect(count.breaks).toBe(2)
  })

  it('is no break where a room is followed anew, or where a body speaks of events', () => {
    const { open, count } = ears()
    const ear = open('a')
    ear.hear(event(1))
    ear.hear('{"type":"subscribed","room":"general"}')
    ear.hear(event(5))
    ear.hear(JSON.stringify({ type: 'sync_response', messages: [{ body: event(9) }] }))
    ear.hear(event(6))
    expect(count).toMatchObject({ breaks: 0, resets: 0 })
    ear.hear('[{"type":"reset","room":"general"}]')
    ear.hear(event(2))
    expect(count).toMatchObject({ breaks: 0, resets: 1 })
  })

  it('takes operations for answered by an ack or a nack, and keeps where they stand', () => {
    const { open, count, acknowledged } = ears()
    const ear = open('a')
    for (const id of ['one', 'two', 'three']) ear.waiting.add(id)
    ear.hear('{"type":"ack","id":"one","seq":4}')
    ear.hear('{"type":"nack","id":"two","code":"unavailable"}')
    expect([...ear.waiting]).toEqual(['three'])
    ear.hear('{"type":"ack","id":"three","seq":5,"dup":true}')
    expect([...ear.waiting]).toEqual([])
    expect(acknowledged).toEqual([
      { id: 'one', seq: 4 },
      { id: 'three', seq: 5 },
    ])
    expect(count.duplicateAcks).toBe(1)
  })

  it('is a move where another server welcomes than before', () => {
    const { open, count } = ears()
    for (const url of ['a', 'a', 'b', 'c', 'a']) open(url).hear('{"type":"welcome"}')
    open('b').hear('{"type":"error"}')
    expect(count).toMatchObject({ welcomed: 5, moved: 3 })
  })
})
