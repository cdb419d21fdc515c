import type { Clock } from './seams/clock.js'
import { StorageError } from './seams/storage.js'

const nothing = (): void => undefined

/** What the promise brings, or a rejection `timeout` when that takes longer. `onLate` is then given the end of it all the same. */
export function within<T>(
  clock: Clock,
  ms: number,
  promise: Promise<T>,
  onLate: (settled: Promise<void>) => void = nothing,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      onLate(promise.then(nothing, nothing))
      reject(new StorageError('timeout', `The storage did not answer within ${ms} ms.`))
    })
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
