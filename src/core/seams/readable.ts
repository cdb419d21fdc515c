/**
 * A value that changes: all that a framework binding needs (`useSyncExternalStore` takes the two functions as they are).
 *
 * Laws: `get()` returns the same reference until the value changed. A listener is called after the change, at most once a change,
 * never inside `subscribe`, and not after its stop was called.
 */
export interface Readable<T> {
  readonly get: () => T
  readonly subscribe: (listener: () => void) => () => void
}
