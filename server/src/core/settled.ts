/**
 * Calls back with a value that may be a promise: at once when it is none, so that answers which need no waiting cost no tick.
 * A throw of `ask` counts as a rejection. A throw of a callback is the caller's own and goes through.
 */
export function whenSettled<T>(
  ask: () => T | Promise<T>,
  answered: (value: T) => void,
  failed: (cause: unknown) => void,
): void {
  let value: T | Promise<T>
  try {
    value = ask()
  } catch (cause) {
    failed(cause)
    return
  }
  if (value instanceof Promise) value.then(answered, failed)
  else answered(value)
}

/** All values, as one promise only when one of them is one. */
export const allOf = <T>(values: readonly (T | Promise<T>)[]): readonly T[] | Promise<readonly T[]> => {
  const ready: T[] = []
  for (const value of values) {
    if (value instanceof Promise) return Promise.all(values)
    ready.push(value)
  }
  return ready
}
