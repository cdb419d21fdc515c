/**
 * What a tab or the server waits for, by seam. `hint`: another tab's commit is told; `socket`: an attempt, its success, its end;
 * `out`, `in`: a text of one or more frames; `log`: the server's log is asked, or answers.
 */
export const KINDS = [
  'open',
  'read',
  'scan',
  'transact',
  'hint',
  'socket',
  'out',
  'in',
  'timer',
  'lock',
  'token',
  'log',
] as const

export type Kind = (typeof KINDS)[number]

/** A moment at which something is awaited, found by running a scene. */
export interface Point {
  /** Scene, step, who, what, and the how-manieth of its kind there: the same in every run. */
  readonly name: string
  readonly kind: Kind
  /** What is asked has not begun: it can still be refused. */
  readonly begins: boolean
}

/**
 * What becomes of what is awaited: it goes on, is refused by the platform, never comes, or waits in the network until a direction of it
 * works again.
 */
export type Verdict = 'pass' | 'fail' | 'lost' | 'held'

/** What happens at a moment: `begins` before something is asked of a seam, otherwise before its answer is heard. */
export interface Moment {
  readonly kind: Kind
  /** Asked only where it matters: naming a text means reading it. */
  readonly what: () => string
  readonly begins?: boolean
}

/** Tells a run of a moment and learns what becomes of it. */
export type Meet = (moment: Moment) => Verdict

/** Numbers the moments of a scene, so that each has a name of its own. */
export function createNumbering() {
  const counts = new Map<string, number>()
  return (where: string): string => {
    const count = (counts.get(where) ?? 0) + 1
    counts.set(where, count)
    return `${where}#${count}`
  }
}
