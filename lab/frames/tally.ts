/** What came of frames: how many of each kind went where. */
export type Outcome = 'accepted' | 'refused' | 'quarantined' | 'unread'

export type Row = Readonly<Record<Outcome, number>>

/** Counts that can be sent from one thread to another and added up. */
export interface Tally {
  readonly frames: number
  readonly sessions: number
  readonly kinds: Readonly<Record<string, Row>>
}

const NONE: Row = { accepted: 0, refused: 0, quarantined: 0, unread: 0 }

/** Counts frames. `unread` are those that nobody looks at: the text around them, or the moment, was wrong. */
export function createCounter() {
  const kinds = new Map<string, Record<Outcome, number>>()
  let frames = 0
  let sessions = 0

  const rowOf = (kind: string): Record<Outcome, number> => {
    const row = kinds.get(kind) ?? { ...NONE }
    kinds.set(kind, row)
    return row
  }

  return {
    count(kind: string, outcome: Outcome, times = 1): void {
      rowOf(kind)[outcome] += times
      frames += times
    },
    /** Something that is no frame of its own. */
    quarantined(kind: string, times: number): void {
      rowOf(kind).quarantined += times
    },
    add(more: Tally): void {
      frames += more.frames
      sessions += more.sessions
      for (const [kind, row] of Object.entries(more.kinds)) {
        const own = rowOf(kind)
        own.accepted += row.accepted
        own.refused += row.refused
        own.quarantined += row.quarantined
        own.unread += row.unread
      }
    },
    played(): void {
      sessions += 1
    },
    tally: (): Tally => ({ frames, sessions, kinds: Object.fromEntries(kinds) }),
  }
}

export type Counter = ReturnType<typeof createCounter>
