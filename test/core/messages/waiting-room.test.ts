import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { createWaitingRoom, type LiveFrame } from '../../../src/core/messages/waiting-room.js'
import { formatStamp, type Json } from '../../../src/protocol/index.js'

const event = (seq: number, body: Json = seq): LiveFrame => ({
  ...{ type: 'event', room: 'general', seq, cursor: `c${seq}`, prev: `c${seq - 1}`, messageId: `m${seq}` },
  ...{ id: `op${seq}`, from: 'bob', stamp: formatStamp(1, seq, 'bobs-clock-'), ts: 1, kind: 'create', body },
})

describe('a waiting room', () => {
  it('gives back what came, in order, once', () => {
    const waiting = createWaitingRoom()
    const frames = [event(1), event(2), event(3)]
    for (const frame of frames) waiting.add(frame)
    expect(waiting.take()).toEqual(frames)
    expect(waiting.take()).toEqual([])
    expect(waiting.overflowed()).toBe(false)
  })

  it.each([
    ['1,000 frames', LIMITS.waitingFrames, 1],
    ['4 MiB', 140, 'x'.repeat(16_000)],
  ])(
    'I14: is bounded by %s: past that it drops all, and says so until it was emptied',
    (_name, fit, body) => {
      const waiting = createWaitingRoom()
      let count = 0
      while (!waiting.overflowed()) {
        count++
        waiting.add(event(count, body))
        expect(count).toBeLessThanOrEqual(fit + 1)
      }
      expect(count).toBeGreaterThan(fit * 0.8)
      waiting.add(event(count + 1))
      expect(waiting.overflowed()).toBe(true)
      // A newer one must not be taken for the one that follows: there is a hole before it.
      expect(waiting.take().length).toBeLessThan(2)
      expect(waiting.overflowed()).toBe(false)
    },
  )

  it('remembers that a frame was lost', () => {
    const waiting = createWaitingRoom()
    waiting.add(event(1))
    waiting.lose()
    expect(waiting.overflowed()).toBe(true)
    expect(waiting.take()).toHaveLength(1)
    expect(waiting.overflowed()).toBe(false)
  })
})
