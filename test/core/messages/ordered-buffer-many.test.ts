import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ready } from '../../../src/core/messages/ordered-buffer.js'
import { type Item, setUp } from './buffer.js'

describe('an ordered buffer', () => {
  it('S14: takes 100,000 messages without comparing each with each', () => {
    let compared = 0
    const { buffer, item } = setUp({
      capacity: 200_000,
      idOf: (each) => {
        compared++
        return each.id
      },
    })
    for (let n = 0; n < 100_000; n++) buffer.add(item(`m${n}`, (n * 7_919) % 100_000))
    expect(buffer.held).toBe(100_000)
    expect(compared).toBe(100_000)
  })

  it('gives every message once, in order but for those it flags, none later than a tenth past the hold-back', async () => {
    const arrival = fc.record({ wait: fc.nat(400), stamp: fc.nat(3_000), again: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 30 }), async (arrivals) => {
        const arrived = new Map<string, number>()
        const out: Ready<Item>[] = []
        const { timeline, buffer, item } = setUp({
          onReady: (batch) => {
            out.push(...batch)
            for (const { item: each } of batch)
              expect(timeline.now() - (arrived.get(each.id) ?? 0)).toBeLessThanOrEqual(1_100)
          },
        })
        for (const [n, { wait, stamp, again }] of arrivals.entries()) {
          await timeline.advance(wait)
          const each = item(`m${n}`, stamp)
          arrived.set(each.id, timeline.now())
          expect(buffer.add(each)).toBe(true)
          if (again) expect(buffer.add(each)).toBe(false)
        }
        await timeline.advance(1_100)
        expect(out.map((ready) => ready.item.id).sort()).toEqual([...arrived.keys()].sort())
        let greatest = ''
        for (const { item: each, late } of out) {
          expect(late).toBe(each.stamp + each.id < greatest)
          if (!late) greatest = each.stamp + each.id
        }
      }),
      { numRuns: 40 },
    )
  })
})
