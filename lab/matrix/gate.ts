/** Whether a tab goes on. Everything that it hears of passes here. */
export interface Gate {
  /** Lets the tab run something: at once, when it goes on, or never. */
  enter(run: () => void): void
  /** Resolves when the tab goes on; never once it is gone. */
  passed(): Promise<void>
  /** It stands still. */
  close(): void
  /** It goes on with what came meanwhile, in that order. */
  open(): void
  /** It hears of nothing any more. */
  end(): void
  readonly state: 'open' | 'closed' | 'ended'
}

export function createGate(): Gate {
  let state: Gate['state'] = 'open'
  let waiting: (() => void)[] = []
  function enter(run: () => void): void {
    if (state === 'open') run()
    else if (state === 'closed') waiting.push(run)
  }
  return {
    enter,
    passed: () => new Promise((resolve) => enter(resolve)),
    close() {
      if (state === 'open') state = 'closed'
    },
    open() {
      if (state !== 'closed') return
      state = 'open'
      for (const run of waiting.splice(0)) enter(run)
    },
    end() {
      state = 'ended'
      waiting = []
    },
    get state() {
      return state
    },
  }
}
