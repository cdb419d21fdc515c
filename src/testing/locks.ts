import type { Locks } from '../core/seams/locks.js'

/** Locks that several contexts of one profile share in memory. */
export interface MemoryLocks {
  /** The locks as one context sees them. */
  context(): LocksContext
}

/** One context's view, which can end the way a tab ends. */
export interface LocksContext extends Locks {
  /** The context ends: what it held is released, what it waited for is forgotten. */
  vanish(): void
}

interface Request {
  readonly owner: object
  readonly onGranted: () => void
  readonly onLost: () => void
}

/** Locks in memory: one holder at a time, waiters in order, granted in a microtask. */
export function createMemoryLocks(): MemoryLocks {
  /** Per name: the holder first, then those who wait. */
  const queues = new Map<string, Request[]>()

  function grant(name: string): void {
    const head = queues.get(name)?.[0]
    if (head === undefined) return
    void Promise.resolve().then(() => {
      if (queues.get(name)?.[0] === head) head.onGranted()
    })
  }

  function leave(name: string, leaves: (request: Request) => boolean): void {
    const queue = queues.get(name) ?? []
    const head = queue[0]
    const left = queue.filter((request) => !leaves(request))
    queues.set(name, left)
    if (left[0] !== head) grant(name)
  }

  /** The request takes the holder's place. */
  function rob(name: string, request: Request): void {
    const [robbed, ...waiting] = queues.get(name) ?? []
    queues.set(name, [request, ...waiting])
    if (robbed) void Promise.resolve().then(robbed.onLost)
  }

  return {
    context() {
      const owner = {}
      return {
        request(name, onGranted, { steal = false, onLost = () => undefined } = {}) {
          let released = false
          const request: Request = { owner, onGranted, onLost: () => released || onLost() }
          const queue = queues.get(name) ?? []
          if (steal) rob(name, request)
          else queues.set(name, [...queue, request])
          if (steal || queue.length === 0) grant(name)
          return () => {
            released = true
            leave(name, (other) => other === request)
          }
        },
        vanish() {
          for (const name of queues.keys()) leave(name, (request) => request.owner === owner)
        },
      }
    },
  }
}
