import type { Clock } from './seams/clock.js'
import { StorageError } from './seams/storage.js'

const nothing = (): void => undefined

/** A wait is counted in so many parts. */
const PARTS = 6

/**
 * What the promise brings, or a rejection `timeout` when that takes longer. `onLate` is then given the end of it all the same. A page that
 * stood still, throttled or frozen, gets no more than a part of the wait counted for it: what was answered meanwhile is read first.
 */
export function within<T>(
  clock: Clock,
  ms: number,
  promise: Promise<T>,
  onLate: (settled: Promise<void>) => void = nothing,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = PARTS
    let cancel = nothing
    const wait = (): void => {
      cancel = clock.after(ms / PARTS, () => {
        left -= 1
        if (left > 0) return wait()
        onLate(promise.then(nothing, nothing))
        return reject(new StorageError('timeout', `The storage did not answer within ${ms} ms.`))
      })
    }
    wait()
    promise.then(
      (value) => {
        cancel()
        resolve(value)
      },
      (cause: unknown) => {
        cancel()
        reject(cause)
      },
    )
  })
}
