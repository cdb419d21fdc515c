/** Puts together a list that is read upwards, a window at a time. */
export interface Ladder {
  /** The window as it is now, top to bottom. It overlaps the one before, whose lower end it may have let go of. */
  climb(window: readonly string[]): void
  /** Everything, top to bottom. What a window showed otherwise than the one before stands in it twice, so that it is found. */
  whole(): readonly string[]
}

export function createLadder(): Ladder {
  let whole: readonly string[] = []
  return {
    climb(window) {
      const [top] = whole
      const at = top === undefined ? 0 : window.indexOf(top)
      if (at < 0) {
        whole = [...window, ...whole]
        return
      }
      // Below the place where they meet both have to be the same.
      const changed = window.slice(at).filter((id, i) => whole[i] !== id)
      whole = top === undefined ? window : [...window.slice(0, at), ...changed, ...whole]
    },
    whole: () => whole,
  }
}
