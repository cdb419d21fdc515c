/** So many may do something at once; the others wait, in order. */
export interface Slots {
  /** Resolves when there is one; give it back by `leave`. */
  enter(): Promise<void>
  leave(): void
  /** Those that nobody has and nobody waits for. */
  readonly free: number
}

export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = []
  let left = count
  return {
    enter() {
      if (left === 0) return new Promise((resolve) => waiting.push(resolve))
      left -= 1
      return Promise.resolve()
    },
    leave() {
      const next = waiting.shift()
      if (next) next()
      else left += 1
    },
    get free() {
      return left
    },
  }
}
