/** Puts together a list that is read upwards, a window at a time. */
export interface Ladder {
  /** The window as it is now, top to bottom. It may have let go of its lower end, and have taken something in between. */
  climb(window: readonly string[]): void
  /** Everything, top to bottom. What a window showed in another order than the one before stands in it twice, so that it is found. */
  whole(): readonly string[]
}

export function createLadder(): Ladder {
  let whole: readonly string[] = []
  return {
    climb(window) {
      const places = new Map(whole.map((id, i) => [id, i]))
      const merged: string[] = []
      let taken = 0
      for (const id of window) {
        const place = places.get(id)
        if (place === undefined || place < taken) merged.push(id)
        else {
          merged.push(...whole.slice(taken, place + 1))
          taken = place + 1
        }
      }
      whole = [...merged, ...whole.slice(taken)]
    },
    whole: () => whole,
  }
}
