import { describe, expect, it, vi } from 'vitest'
import { createView } from '../../src/core/view.js'

const quiet = (): void => undefined
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A view of a number that a test sets. */
function viewed(onWatched?: (watched: boolean) => void) {
  const source = { n: 1 }
  const compute = vi.fn((last: { n: number } | undefined) => (last?.n === source.n ? last : { n: source.n }))
  const view = createView(compute, quiet, onWatched)
  return {
    view,
    compute,
    set(n: number) {
      source.n = n
      view.touch()
    },
  }
}

describe('a view', () => {
  it('computes when asked, once a change, and gives the same reference until then', () => {
    const { view, compute, set } = viewed()
    expect(compute).not.toHaveBeenCalled()
    const first = view.get()
    expect(view.get()).toBe(first)
    expect(compute).toHaveBeenCalledTimes(1)
    set(2)
    expect(compute).toHaveBeenCalledTimes(1)
    expect(view.get()).toEqual({ n: 2 })
  })

  it('is right at once for who reads it, and told once a tick', async () => {
    const { view, set } = viewed()
    const told: number[] = []
    view.subscribe(() => told.push(view.get().n))
    set(2)
    expect(view.get().n).toBe(2)
    set(3)
    set(4)
    expect(told).toEqual([])
    await tick()
    expect(told).toEqual([4])
    set(5)
    await tick()
    expect(told).toEqual([4, 5])
  })

  it('tells nobody when nothing changed, or when it changed and changed back', async () => {
    const { view, set } = viewed()
    const told = vi.fn()
    view.subscribe(told)
    view.touch()
    await tick()
    expect(told).not.toHaveBeenCalled()
    set(1)
    await tick()
    expect(told).not.toHaveBeenCalled()
  })

  it('computes nothing for nobody', async () => {
    const { view, compute, set } = viewed()
    set(2)
    await tick()
    expect(compute).not.toHaveBeenCalled()
    view.subscribe(quiet)()
    compute.mockClear()
    set(3)
    await tick()
    expect(compute).not.toHaveBeenCalled()
  })

  it('tells who comes later only of what changes later', async () => {
    const { view, set } = viewed()
    set(2)
    const told = vi.fn()
    view.subscribe(told)
    await tick()
    expect(told).not.toHaveBeenCalled()
  })

  it('hears of its first and of its last listener, however often one stops', () => {
    const watched: boolean[] = []
    const { view } = viewed((on) => watched.push(on))
    const stops = [view.subscribe(quiet), view.subscribe(quiet)]
    expect(watched).toEqual([true])
    stops[0]?.()
    stops[0]?.()
    expect(watched).toEqual([true])
    stops[1]?.()
    stops[1]?.()
    expect(watched).toEqual([true, false])
    view.subscribe(quiet)
    expect(watched).toEqual([true, false, true])
  })
})
