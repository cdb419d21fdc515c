/**
 * Pages that a server may send unasked. Given when it is asked, and again as what came is written: a slow disk slows the server down, and
 * what waits in memory is bounded.
 */
export interface Credit {
  /** A page came that ends here. */
  came(upTo: number): void
  /** The replica stands here: how many pages may come for those that are written. */
  written(upTo: number): number
  /** Whether any page may come before more is written. */
  isLeft(): boolean
}

/** Told an eighth at a time: each frame costs the page a call into the browser, and most of the credit is still there. */
const TOLD_AT_ONCE = 1 / 8

export function createCredit(pages: number): Credit {
  const ends: number[] = []
  let untold = 0
  return {
    came: (upTo) => void ends.push(upTo),
    written(upTo) {
      untold += ends.splice(0, ends.filter((end) => end <= upTo).length).length
      const told = untold < pages * TOLD_AT_ONCE ? 0 : untold
      untold -= told
      return told
    },
    isLeft: () => ends.length + untold < pages,
  }
}
