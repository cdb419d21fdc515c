/** Those who wait until some have gone. */
export interface Departures<T> {
  /** Resolves when all of these have gone; whoever comes later is not waited for. */
  of(leaving: Iterable<T>): Promise<void>
  gone(one: T): void
}

export function createDepartures<T>(): Departures<T> {
  const waits = new Set<{ readonly leaving: Set<T>; readonly emptied: () => void }>()
  return {
    of(some) {
      const leaving = new Set(some)
      if (leaving.size === 0) return Promise.resolve()
      return new Promise((resolve) => waits.add({ leaving, emptied: resolve }))
    },
    gone(one) {
      for (const wait of waits) {
        wait.leaving.delete(one)
        if (wait.leaving.size > 0) continue
        waits.delete(wait)
        wait.emptied()
      }
    },
  }
}
