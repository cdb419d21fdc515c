import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { synced } from './synced.js'

describe('a step through a room', () => {
  it('costs what the step brings, however long the room is, and is told once', async () => {
    const costs = []
    for (const count of [2_000, 40_000]) {
      const { keeper, spent } = await synced(count)
      const steps = []
      for (let i = 0; i < 15; i++) {
        expect(await keeper.step('older')).toBe(true)
        steps.push(spent())
      }
      expect(await keeper.step('newer')).toBe(true)
      steps.push(spent())
      expect(await keeper.open(50, () => true)).toBe(true)
      steps.push(spent())
      expect(Math.max(...steps.map(({ rows }) => rows))).toBeLessThanOrEqual(2)
      expect(new Set(steps.map(({ reads }) => reads))).toEqual(new Set([1]))
      expect(new Set(steps.map(({ changes }) => changes))).toEqual(new Set([1]))
      costs.push(steps.reduce((sum, { rows }) => sum + rows, 0))
    }
    expect(Math.abs((costs[0] ?? 0) - (costs[1] ?? 0))).toBeLessThan(5)
  })

  it('keeps the messages that stay, as the objects that they are, and never holds more than a list may', async () => {
    const { keeper } = await synced(6_000)
    for (let i = 0; i < 55; i++) {
      const before = new Map(
        keeper
          .view()
          .shown()
          .map((message) => [message.messageId, message]),
      )
      await keeper.step('older')
      for (const message of keeper.view().shown())
        expect(before.get(message.messageId) ?? message).toBe(message)
      expect(keeper.view().size()).toBeLessThanOrEqual(LIMITS.windowMost)
      expect(keeper.window.size()).toBeLessThanOrEqual(LIMITS.windowMost)
    }
    const seqs = () =>
      keeper
        .view()
        .shown()
        .map(({ seq }) => seq)
    expect(keeper.isPast()).toBe(true)
    expect(seqs()[0]).toBeLessThan(600)
    for (let i = 0; keeper.isPast() && i < 100; i++) {
      const top = seqs().at(-1) ?? 0
      expect(await keeper.step('newer')).toBe(true)
      const at = seqs().indexOf(top)
      // Nothing is stepped over.
      expect(seqs()[at + 1]).toBe(top + 1)
      expect(keeper.view().size()).toBeLessThanOrEqual(LIMITS.windowMost)
    }
    expect(seqs().at(-1)).toBe(6_000)
    expect(await keeper.step('newer')).toBe(false)
  })

  it('finds a moment with a few reads, and a message without reading what is not it', async () => {
    const { keeper, spent } = await synced(40_000)
    expect(await keeper.seek.time(12_345_000)).toMatchObject({ seq: 12_345 })
    expect(spent().reads).toBeLessThan(16)
    expect(await keeper.seek.time(12_345_001)).toMatchObject({ seq: 12_346 })
    expect(await keeper.seek.time(1)).toMatchObject({ seq: 1 })
    expect(await keeper.seek.time(40_000_001)).toBe('beyond')
    expect(await keeper.seek.message('m777')).toMatchObject({ seq: 777 })
    expect(await keeper.seek.message('o777')).toBeUndefined()
  })
})
