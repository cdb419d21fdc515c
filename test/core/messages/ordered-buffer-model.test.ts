import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOrderedBuffer, type Ready } from '../../../src/core/messages/ordered-buffer.js'
import { compareText, formatStamp } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/index.js'

/*
 * The model of an ordered buffer is a set of ids and a list that is sorted whenever it is looked at: who waits, who was given out, and
 * the greatest key given out. When exactly something is given out is the buffer's to decide, within bounds; what, in which order and
 * with which flag is the model's.
 */

const START = 1_900_000_000_000
const HOLD_BACK_MS = 100

interface Item {
  readonly id: string
  readonly stamp: string
}

const keyOf = ({ id, stamp }: Item): string => stamp + id

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add'), id: fc.nat(40), stamp: fc.nat(200) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait'),
      id: fc.constant(0),
      stamp: fc.constantFrom(0, 1, 9, 30, 200),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('flush'), id: fc.constant(0), stamp: fc.constant(0) }),
  },
)

function createPair(capacity: number) {
  const timeline = createTimeline({ startMs: START })
  const out: Ready<Item>[][] = []
  const buffer = createOrderedBuffer<Item>({
    ...{ clock: timeline.clock(), holdBackMs: HOLD_BACK_MS, capacity },
    ...{ idOf: ({ id }) => id, stampOf: ({ stamp }) => stamp },
    onReady: (batch) => out.push([...batch]),
  })
  const met = new Set<string>()
  const arrivedAt = new Map<string, number>()
  let waiting: Item[] = []
  let greatest = ''

  /** What was given out is what the model would give: the first ones of those that wait, flagged when their place was past. */
  function check(): void {
    for (const batch of out.splice(0)) {
      waiting.sort((a, b) => compareText(keyOf(a), keyOf(b)))
      const expected = waiting.slice(0, batch.length)
      expect(batch.map(({ item }) => item)).toEqual(expected)
      for (const { item, late } of batch) expect([item.id, late]).toEqual([item.id, isPast.has(item.id)])
      waiting = waiting.slice(batch.length)
      const last = expected.at(-1)
      if (last && keyOf(last) > greatest) greatest = keyOf(last)
    }
    expect(buffer.held).toBe(waiting.length)
    expect(buffer.held).toBeLessThanOrEqual(capacity)
    for (const { id } of waiting)
      expect(timeline.now() - (arrivedAt.get(id) ?? 0)).toBeLessThanOrEqual(HOLD_BACK_MS * 1.1)
  }

  /** Those that came when something greater had been given out. */
  const isPast = new Set<string>()

  return {
    left: () => waiting.length,
    async play(now: { readonly do: string; readonly id: number; readonly stamp: number }): Promise<void> {
      if (now.do === 'wait') await timeline.advance(now.stamp)
      else if (now.do === 'flush') buffer.flush()
      else {
        const item = { id: `m${now.id}`, stamp: formatStamp(START + now.stamp, 0, 'some-clock-') }
        const isNew = !met.has(item.id)
        if (isNew) {
          met.add(item.id)
          waiting.push(item)
          arrivedAt.set(item.id, timeline.now())
          if (keyOf(item) < greatest) isPast.add(item.id)
        }
        expect(buffer.add(item)).toBe(isNew)
      }
      check()
    },
  }
}

describe('an ordered buffer against a sorted list', () => {
  it('gives out the first of those that wait, once each, with the right flag, within its bounds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        async (steps, capacity) => {
          const { play, left } = createPair(capacity)
          for (const now of steps) await play(now)
          await play({ do: 'wait', id: 0, stamp: 2 * HOLD_BACK_MS })
          expect(left()).toBe(0)
        },
      ),
      { numRuns: 150 },
    )
  })
})
