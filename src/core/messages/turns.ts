/** One room catches up at a time, in the order they asked; one that somebody looks at goes before the others. */
export interface Turns {
  /** `onTurn` is called once, perhaps at once. Returns the release, which also leaves the queue; safe to call twice. */
  take(urgent: boolean, onTurn: () => void): () => void
}

interface Asker {
  readonly urgent: boolean
  readonly onTurn: () => void
}

export function createTurns(): Turns {
  let holder: Asker | undefined
  let waiting: readonly Asker[] = []

  function grant(): void {
    if (holder) return
    holder = waiting.find((asker) => asker.urgent) ?? waiting[0]
    waiting = waiting.filter((asker) => asker !== holder)
    holder?.onTurn()
  }

  return {
    take(urgent, onTurn) {
      const asker: Asker = { urgent, onTurn }
      waiting = [...waiting, asker]
      grant()
      return () => {
        waiting = waiting.filter((other) => other !== asker)
        if (holder !== asker) return
        holder = undefined
        grant()
      }
    },
  }
}
