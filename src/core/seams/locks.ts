/** How a lock is asked for. */
export interface LockWish {
  /** Taken from whoever holds it, before those who wait. They keep their places. */
  readonly steal?: boolean
  /** Another request took it by force. Never after the release. */
  readonly onLost?: () => void
}

/**
 * Named locks over all contexts of a profile (Web Locks, W3C). Absent on plain http and on React Native: they save work,
 * correctness never rests on them.
 *
 * Laws: one holder at a time, except that one who was robbed may not know it yet; those who wait in one context are served in order;
 * the end of a context releases what it held. A platform that cannot take a lock by force queues the request.
 */
export interface Locks {
  /** Waits in the queue for the lock. `onGranted` is called once, when held. The returned release also leaves the queue; safe to call twice. */
  request(name: string, onGranted: () => void, wish?: LockWish): () => void
}
