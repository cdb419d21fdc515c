import type { Locks } from '../core/seams/locks.js'

/** Web Locks, or undefined where the platform has none: plain http, older browsers, Node before 24. */
export function createWebLocks(): Locks | undefined {
  const locks: LockManager | undefined | null = typeof navigator === 'undefined' ? undefined : navigator.locks
  if (locks === undefined || locks === null) return undefined
  return {
    request(name, onGranted, { steal = false, onLost } = {}) {
      const leaving = new AbortController()
      let release = (): void => leaving.abort()
      let left = false
      let granted = false
      const held = () =>
        new Promise<void>((resolve) => {
          release = resolve
          // Left in the moment of the grant: it comes all the same.
          if (left) resolve()
          else {
            granted = true
            onGranted()
          }
        })
      // One that steals never waits, and takes no signal.
      const how = steal ? { steal } : { signal: leaving.signal }
      // Refused, left or stolen: locks save work, nothing rests on them.
      locks.request(name, how, held).catch(() => {
        if (granted && !left) onLost?.()
      })
      return () => {
        left = true
        release()
      }
    },
  }
}
