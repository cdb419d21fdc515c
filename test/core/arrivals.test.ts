import { describe, expect, it } from 'vitest'
import { createArrivals } from '../../src/core/arrivals.js'
import { LIMITS } from '../../src/core/limits.js'
import type { Message } from '../../src/core/message.js'

const messageAt = (seq: number, id = `m${seq}`): Message => ({
  ...{
    type: 'message',
    key: id,
    id,
    room: 'general',
    from: 'bob',
    body: seq,
    stamp: '',
    sentAt: seq,
    ts: seq,
  },
  ...{ seq, status: 'confirmed', error: null, version: 1, edited: false, deleted: false, replyTo: null },
  ...{ reactions: [], late: false, durable: true, conflict: null, retryAt: null },
})

function listening() {
  const told: (number | null)[] = []
  const arrivals = createArrivals(
    (cause) => {
      throw cause
    },
    () => () => undefined,
  )
  arrivals.listen(({ seq }) => told.push(seq))
  arrivals.from(0, 0)
  const tell = (from: number, upTo: number, name = 'm') => {
    for (let seq = from; seq <= upTo; seq++) arrivals.tell(messageAt(seq, `${name}${seq}`))
  }
  return { told, arrivals, tell }
}

const MANY = 3 * LIMITS.arrivalsRemembered

describe('what was told of a room', () => {
  it('is not told again, neither what is remembered nor what was told long ago', () => {
    const { told, tell } = listening()
    tell(1, MANY)
    tell(1, MANY)
    expect(told).toHaveLength(MANY)
  })
  it('is told once under another position, as long as it is remembered', () => {
    const { told, arrivals } = listening()
    arrivals.tell(messageAt(1, 'one'))
    arrivals.tell(messageAt(2, 'one'))
    expect(told).toEqual([1])
  })
  it('keeps nothing silent that comes where the server lost what stood there, however much was told before', () => {
    const { told, arrivals, tell } = listening()
    tell(1, MANY)
    arrivals.cutBack(100)
    tell(101, MANY, 'new')
    expect(told).toHaveLength(MANY + MANY - 100)
  })
  it('nor where another tab fell back', () => {
    const { told, arrivals, tell } = listening()
    tell(1, MANY)
    arrivals.from(100, 1)
    tell(101, MANY, 'new')
    expect(told).toHaveLength(MANY + MANY - 100)
  })
})
