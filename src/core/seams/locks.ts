/**
 * Named locks over all contexts of a profile (Web Locks, W3C). Absent on plain http and on React Native: they save work,
 * correctness never rests on them.
 *
 * Laws: one holder at a time; those who wait in one context are served in order; the end of a context releases what it held.
 */
export interface Locks {
  /** Waits in the queue for the lock. `onGranted` is called once, when held. The returned release also leaves the queue; safe to call twice. */
  request(name: string, onGranted: () => void): () => void
}
