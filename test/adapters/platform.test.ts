import { afterEach, describe, expect, it, vi } from 'vitest'
import { createBrowserLifecycle } from '../../src/adapters/browser-lifecycle.js'
import { createCryptoRandom } from '../../src/adapters/crypto-random.js'
import { createSystemClock } from '../../src/adapters/system-clock.js'
import { createWebLocks } from '../../src/adapters/web-locks.js'
import { TidingsError } from '../../src/core/errors.js'

afterEach(() => {
  // First what was laid over the faked timers, then the faked timers: the other way round a faked one would be put back.
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('the system clock', () => {
  const begin = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })

  it('calls once, when the time has passed, and not after its cancel', () => {
    begin()
    const clock = createSystemClock()
    let ran = 0
    clock.after(50, () => ran++)
    const cancel = clock.after(60, () => ran++)
    vi.advanceTimersByTime(49)
    expect(ran).toBe(0)
    vi.advanceTimersByTime(1)
    expect(ran).toBe(1)
    cancel()
    cancel()
    vi.advanceTimersByTime(1000)
    expect([ran, vi.getTimerCount()]).toEqual([1, 0])
  })

  it('waits longer than a timer of 32 bits can', () => {
    begin()
    const months = 100 * 24 * 60 * 60_000
    let ran = 0
    createSystemClock().after(months, () => ran++)
    vi.advanceTimersByTime(months - 1)
    expect(ran).toBe(0)
    vi.advanceTimersByTime(1)
    expect(ran).toBe(1)
  })

  it('is never early, also where timers are', () => {
    begin()
    const fake = globalThis.setTimeout
    vi.stubGlobal('setTimeout', (fn: () => void, ms: number) => fake(fn, ms - 3))
    const times: number[] = []
    const startMs = performance.now()
    createSystemClock().after(20, () => times.push(performance.now() - startMs))
    vi.advanceTimersByTime(19)
    expect(times).toEqual([])
    vi.advanceTimersByTime(10)
    expect(times[0]).toBeGreaterThanOrEqual(20)
  })

  it('goes by elapsed time when the wall clock jumps', () => {
    begin()
    const clock = createSystemClock()
    let ran = 0
    clock.after(1000, () => ran++)
    vi.setSystemTime(clock.now() + 3_600_000)
    vi.advanceTimersByTime(999)
    expect(ran).toBe(0)
    vi.advanceTimersByTime(1)
    expect(ran).toBe(1)
  })
})

describe('cryptographic chance', () => {
  it('makes ids that do not repeat and numbers from 0 to below 1', () => {
    const random = createCryptoRandom()
    const ids = new Set(Array.from({ length: 1000 }, () => random.id()))
    expect(ids.size).toBe(1000)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{21}$/)
    const numbers = Array.from({ length: 1000 }, () => random.next())
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
    expect(new Set(numbers).size).toBeGreaterThan(990)
  })

  it('says what to install where there is none, instead of making ids that may repeat', () => {
    for (const crypto of [undefined, {}]) {
      vi.stubGlobal('crypto', crypto)
      expect(createCryptoRandom).toThrow(TidingsError)
      expect(createCryptoRandom).toThrow('react-native-get-random-values')
    }
  })
})

describe('a platform without a page', () => {
  it('listens to nothing', () => {
    const heard = vi.fn()
    const stop = createBrowserLifecycle().listen(heard)
    stop()
    expect(heard).not.toHaveBeenCalled()
  })

  it('has no locks, also where the word is there and the thing is not', () => {
    for (const navigator of [undefined, {}, { locks: null }]) {
      vi.stubGlobal('navigator', navigator)
      expect(createWebLocks()).toBeUndefined()
    }
  })

  it('imports every adapter without looking for anything of the platform', async () => {
    const looked: string[] = []
    const restore: (() => void)[] = []
    for (const name of [
      'indexedDB',
      'WebSocket',
      'BroadcastChannel',
      'window',
      'document',
      'navigator',
      'crypto',
    ]) {
      const before = Object.getOwnPropertyDescriptor(globalThis, name)
      Object.defineProperty(globalThis, name, { configurable: true, get: () => void looked.push(name) })
      restore.push(() => {
        Reflect.deleteProperty(globalThis, name)
        if (before !== undefined) Object.defineProperty(globalThis, name, before)
      })
    }
    vi.resetModules()
    await import('../../src/adapters/browser-lifecycle.js')
    await import('../../src/adapters/crypto-random.js')
    await import('../../src/adapters/indexed-db.js')
    await import('../../src/adapters/system-clock.js')
    await import('../../src/adapters/web-locks.js')
    await import('../../src/adapters/web-socket.js')
    for (const putBack of restore.splice(0)) putBack()
    expect(looked).toEqual([])
  })
})
