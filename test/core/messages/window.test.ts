import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { createWindow, isLate } from '../../../src/core/messages/window.js'
import { formatStamp, type LogEntry } from '../../../src/protocol/index.js'

const entry = (seq: number, more: Partial<LogEntry> & { readonly writtenAt?: number } = {}): LogEntry => {
  const { writtenAt = seq * 1_000, ...rest } = more
  return {
    ...{ seq, messageId: `m${seq}`, id: `op${seq}`, from: 'bob', kind: 'create', body: seq, ts: seq * 1_000 },
    stamp: formatStamp(writtenAt, 0, 'bobs-clock-'),
    ...rest,
  }
}
const end = (seq: number) => ({ seq, cursor: `c${seq}` })
const seqs = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const shown = (window: ReturnType<typeof createWindow>) => window.shown().map(({ seq }) => seq)

describe('a window', () => {
  it('shows by stamp, whatever the order of the log', () => {
    const window = createWindow('alice')
    window.follow([entry(1), entry(2, { writtenAt: 500 }), entry(3)], end(3))
    expect(shown(window)).toEqual([2, 1, 3])
    expect(window.position()).toEqual(end(3))
  })

  it('is idempotent: what was folded in already changes nothing, an older state does not come back', () => {
    const window = createWindow('alice')
    const target = { messageId: 'm1', seq: 1, stamp: entry(1).stamp }
    window.follow([entry(1), entry(2, { kind: 'edit', target, body: 'new', version: 2 })], end(2))
    const before = window.get('m1')
    window.fill([entry(1), entry(2, { kind: 'edit', target, body: 'new', version: 2 })], {
      after: 0,
      upTo: 2,
    })
    expect(window.get('m1')).toBe(before)
    expect(before).toMatchObject({ body: 'new', rev: 2, version: 2 })
  })

  it('knows own messages by their operation as well, and those of others only by their id', () => {
    const window = createWindow('bob')
    window.follow([entry(1), entry(2, { from: 'carol' })], end(2))
    expect(window.get('op1')).toBe(window.get('m1'))
    expect(window.get('op2')).toBeUndefined()
    expect(window.get('m2')?.seq).toBe(2)
  })

  it('holds back, and counts, what belongs before it, until it reaches that far', () => {
    const window = createWindow('alice')
    window.reset(101, end(100), [])
    window.follow(
      seqs(101, 110).map((seq) => entry(seq)),
      end(110),
    )
    window.follow([entry(111, { writtenAt: 50_000 }), entry(112, { writtenAt: 100_000 })], end(112))
    expect(window.heldBack()).toBe(1)
    // Up to 5 s before the first one is ordinary disorder: it is shown.
    expect(shown(window)).toEqual([112, ...seqs(101, 110)])
    const older = createWindow('alice')
    older.follow(
      seqs(40, 100).map((seq) => entry(seq)),
      end(100),
    )
    window.extend({ after: 39, upTo: 100 }, older.shown())
    expect(window.heldBack()).toBe(0)
    expect(shown(window)[10]).toBe(111)
  })

  it('takes nothing from below its lower end', () => {
    const window = createWindow('alice')
    window.reset(10, end(9), [])
    window.fill([entry(9), entry(10)], { after: 8, upTo: 10 })
    expect(shown(window)).toEqual([10])
  })

  it('I14: lets go of the oldest when a room runs on, not of what a reader asked for', () => {
    const window = createWindow('alice')
    let seq = 1
    for (; seq <= LIMITS.windowMost * 3; seq++) {
      window.follow([entry(seq)], end(seq))
      window.trim()
      expect(window.size()).toBeLessThanOrEqual(LIMITS.windowMost)
    }
    expect(shown(window).at(-1)).toBe(seq - 1)
    expect(window.from()).toBe(shown(window)[0])
    const older = createWindow('alice')
    older.follow(
      seqs(1, LIMITS.windowMost).map((one) => entry(one)),
      end(LIMITS.windowMost),
    )
    window.extend({ after: 0, upTo: LIMITS.windowMost }, older.shown())
    window.trim()
    expect(shown(window)[0]).toBe(1)
  })
})

describe('late', () => {
  it('is a function of the message alone: taken by the server more than 5 s after it was written', () => {
    const stamp = formatStamp(10_000, 0, 'bobs-clock-')
    expect(isLate({ stamp, ts: 15_000 })).toBe(false)
    expect(isLate({ stamp, ts: 15_001 })).toBe(true)
    expect(isLate({ stamp, ts: 1 })).toBe(false)
  })
})
