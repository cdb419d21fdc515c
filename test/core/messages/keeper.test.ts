import { describe, expect, it } from 'vitest'
import { end, entry, synced } from './synced.js'

describe('a page of the past', () => {
  const page = (after: number, upTo: number, head = 10_000) => ({
    range: { after, afterCursor: `c${after}`, upTo, cursor: `c${upTo}` },
    entries: Array.from({ length: upTo - after }, (_, i) => entry(after + 1 + i)),
    head,
  })

  it('never moves the position, and what it holds beyond is left out', async () => {
    const { keeper } = await synced(300)
    expect(await keeper.fill(page(250, 320), keeper.copy())).toBe(true)
    expect(keeper.window.position()).toEqual(end(300))
    expect(keeper.ranges()).toEqual([{ after: 0, afterCursor: null, ...{ upTo: 300, cursor: 'c300' } }])
    expect(await keeper.fill(page(300, 320), keeper.copy())).toBe(false)
  })

  it('is refused when the disk was cut since it was asked for, and when it is older than what was passed', async () => {
    const { keeper } = await synced(300)
    expect(await keeper.fill(page(100, 200), '0.1')).toBe(false)
    expect(await keeper.fill(page(100, 200, 299), keeper.copy())).toBe('stale')
  })
})
