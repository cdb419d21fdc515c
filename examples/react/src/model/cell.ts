import type { Readable } from 'tidings'

/** A value of the page's own that `useReadable` can follow, like those of the client. */
export interface Cell<T> extends Readable<T> {
  readonly set: (value: T) => void
}

export const createCell = <T>(first: T): Cell<T> => {
  let value = first
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set: (next) => {
      if (next === value) return
      value = next
      for (const listener of [...listeners]) listener()
    },
  }
}
