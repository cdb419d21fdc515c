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

export function createCredit(pages: number): Credit {
  const ends: number[] = []
  return {
    came: (upTo) => void ends.push(upTo),
    written: (upTo) => ends.splice(0, ends.filter((end) => end <= upTo).length).length,
    isLeft: () => ends.length < pages,
  }
}
