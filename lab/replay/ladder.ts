import { compareText } from 'tidings/protocol'

/** What is looked at of a message. */
export interface Rung {
  readonly id: string
  readonly stamp: string
}

/** Puts together a room that is read a window at a time, whatever a window lets go of and takes in on the way. */
export interface Ladder {
  /** The list as it is now, top to bottom. */
  climb(window: readonly Rung[]): void
  /**
   * The ids of everything that was shown, in the order of (stamp, id), the one order that lists have. What a list showed twice, or below
   * what it belongs above, stands in it once more, so that it is found.
   */
  whole(): readonly string[]
}

const compare = (a: Rung, b: Rung): number => compareText(a.stamp, b.stamp) || compareText(a.id, b.id)

export function createLadder(): Ladder {
  const seen = new Map<string, Rung>()
  const mistakes: string[] = []
  return {
    climb(window) {
      const here = new Set<string>()
      let above: Rung | undefined
      for (const rung of window) {
        if (here.has(rung.id) || (above && compare(above, rung) > 0)) mistakes.push(rung.id)
        here.add(rung.id)
        seen.set(rung.id, rung)
        above = rung
      }
    },
    whole: () => [...[...seen.values()].sort(compare).map(({ id }) => id), ...mistakes],
  }
}
