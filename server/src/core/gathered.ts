import type { Clock } from './seams.js'

/** What is told to a large room, gathered for a while, so that each connection is written to once for all of it. */
export interface Gathered<T> {
  /** Nothing waits: what is told at once overtakes nothing. */
  readonly isEmpty: boolean
  add(item: T): void
  /** Gives up what waits. */
  clear(): void
}

export function createGathered<T>(
  clock: Pick<Clock, 'after'>,
  ms: number,
  tell: (items: readonly T[]) => void,
): Gathered<T> {
  let items: T[] = []
  let cancel = () => {}
  return {
    get isEmpty() {
      return items.length === 0
    },
    add(item) {
      items.push(item)
      if (items.length > 1) return
      cancel = clock.after(ms, () => {
        const told = items
        items = []
        tell(told)
      })
    },
    clear() {
      cancel()
      items = []
    },
  }
}
