import { describe, expect, it } from 'vitest'
import { createBrowserLifecycle } from '../../src/adapters/browser-lifecycle.js'
import { createCryptoRandom } from '../../src/adapters/crypto-random.js'
import { createSystemClock } from '../../src/adapters/system-clock.js'
import { createWebLocks } from '../../src/adapters/web-locks.js'

const granted = (grants: string[], count: number) => expect.poll(() => grants.length).toBe(count)

describe('a real browser', () => {
  it('grants a lock to one at a time, in order, and forgets who left', async () => {
    const locks = createWebLocks()
    if (locks === undefined) throw new Error('no Web Locks on a secure page')
    const grants: string[] = []
    const releaseOne = locks.request('test', () => grants.push('one'))
    const leave = locks.request('test', () => grants.push('who left'))
    const releaseThree = locks.request('test', () => grants.push('three'))
    await granted(grants, 1)
    leave()
    releaseOne()
    releaseOne()
    await granted(grants, 2)
    releaseThree()
    const releaseFour = locks.request('test', () => grants.push('four'))
    await granted(grants, 3)
    releaseFour()
    expect(grants).toEqual(['one', 'three', 'four'])
  })

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
