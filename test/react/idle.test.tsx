import { act, cleanup, renderHook } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TidingsError } from '../../src/core/errors.js'
import { TidingsProvider, useIdle } from '../../src/react/index.js'
import { createWorld, type Tab, type World } from '../core/client/world.js'

const MINUTE_MS = 60_000

let world: World
let tab: Tab
beforeEach(() => {
  world = createWorld()
  tab = world.tab(world.profile('alice'))
})
afterEach(async () => {
  cleanup()
  await world.end()
})

const pass = (ms: number) => act(() => world.timeline.advance(ms))
const wrapper = ({ children }: { children: ReactNode }) => (
  <StrictMode>
    <TidingsProvider client={tab.client}>{children}</TidingsProvider>
  </StrictMode>
)

describe('useIdle', () => {
  it('says whether somebody is there, rendering on changes only', async () => {
    let renders = 0
    const { result } = renderHook(
      () => {
        renders += 1
        return useIdle().state
      },
      { wrapper },
    )
    await pass(0)
    const before = renders
    for (let i = 0; i < 100; i++) {
      act(() => tab.lifecycle.signal('active'))
      await pass(1_000)
    }
    expect([result.current, renders]).toEqual(['active', before])
    await pass(4 * MINUTE_MS)
    expect(result.current).toBe('warning')
    await pass(MINUTE_MS)
    expect(result.current).toBe('idle')
    act(() => tab.lifecycle.signal('active'))
    await pass(0)
    expect(result.current).toBe('active')
  })

  it('S35: leaves no timer and no listener with its component', async () => {
    const { unmount } = renderHook(() => useIdle({ afterMs: 10_000, warnMs: 1_000 }), { wrapper })
    await pass(0)
    expect([world.timeline.pending, tab.lifecycle.listeners]).toEqual([1, 1])
    act(() => tab.lifecycle.signal('active'))
    unmount()
    await pass(0)
    expect([world.timeline.pending, tab.lifecycle.listeners]).toEqual([0, 0])
  })

  it('takes new options, and not every render for new ones', async () => {
    const { result, rerender } = renderHook(({ afterMs }) => useIdle({ afterMs }), {
      wrapper,
      initialProps: { afterMs: 10_000 },
    })
    await pass(6_000)
    rerender({ afterMs: 10_000 })
    expect(result.current.state).toBe('warning')
    rerender({ afterMs: MINUTE_MS })
    await pass(20_000)
    expect(result.current.state).toBe('active')
  })

  it('S42: refuses times that cannot be meant, and says that a provider is missing', () => {
    expect(() => renderHook(() => useIdle({ afterMs: 0 }), { wrapper })).toThrow(TidingsError)
    expect(() => renderHook(() => useIdle())).toThrow(TidingsError)
  })
})
