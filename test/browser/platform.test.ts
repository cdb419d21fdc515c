import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createBrowserLifecycle } from '../../src/adapters/browser-lifecycle.js'
import { createCryptoRandom } from '../../src/adapters/crypto-random.js'
import { createSystemClock } from '../../src/adapters/system-clock.js'
import { createWebLocks } from '../../src/adapters/web-locks.js'
import { lifecycleLaws } from '../../src/testing/laws/lifecycle.js'
import { locksLaws } from '../../src/testing/laws/locks.js'

describe('Web Locks of a real browser', () => {
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
  for (const law of locksLaws)
    it(law.name, async () => {
      const [here, there] = [createWebLocks(), createWebLocks()]
      if (here === undefined || there === undefined) throw new Error('no Web Locks on a secure page')
      await law.run({ here, there, name: law.name, pause })
    })
})

describe('the page of a real browser', () => {
  const provoke = () => window.dispatchEvent(new Event('online'))
  for (const law of lifecycleLaws)
    it(law.name, () => law.run({ lifecycle: createBrowserLifecycle(), provoke }))

  it('is listened to once for all who listen, and not at all for nobody', () => {
    const [add, remove] = [vi.spyOn(window, 'addEventListener'), vi.spyOn(window, 'removeEventListener')]
    onTestFinished(() => void vi.restoreAllMocks())
    const lifecycle = createBrowserLifecycle()
    expect(add).not.toHaveBeenCalled()
    const stops = [lifecycle.listen(() => {})]
    const needed = add.mock.calls.length
    stops.push(
      lifecycle.listen(() => {}),
      lifecycle.listen(() => {}),
    )
    expect(needed).toBeGreaterThan(5)
    expect(add).toHaveBeenCalledTimes(needed)
    for (const stop of stops) {
      expect(remove).not.toHaveBeenCalled()
      stop()
    }
    expect(remove).toHaveBeenCalledTimes(needed)
  })
})

describe('a real browser', () => {
  it('says what the window and the person do, until stopped', () => {
    const heard: string[] = []
    const stop = createBrowserLifecycle().listen((signal) => heard.push(signal))
    for (const event of ['offline', 'online', 'pagehide', 'pageshow']) window.dispatchEvent(new Event(event))
    document.dispatchEvent(new Event('visibilitychange'))
    document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true }))
    document.body.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }))
    stop()
    window.dispatchEvent(new Event('online'))
    const visibility = document.visibilityState
    expect(heard).toEqual(['offline', 'online', 'pagehide', 'pageshow', visibility, 'active'])
  })

  it('has time and chance', async () => {
    const clock = createSystemClock()
    const startMs = performance.now()
    await new Promise<void>((resolve) => clock.after(20, resolve))
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(20)
    expect(createCryptoRandom().id()).toMatch(/^[A-Za-z0-9_-]{21}$/)
  })
})
