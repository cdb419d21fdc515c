import { LIMITS } from '../limits.js'
import type { Position } from './ranges.js'
import type { StoredRange } from './record.js'

/** The server came back with less: what it had acknowledged behind `to` before `at` (its time, ms since the epoch) is lost. */
export interface Fall {
  readonly to: number
  readonly at: number
}

/** A room's replica as it stands on disk. */
export interface RoomState {
  readonly ranges: readonly StoredRange[]
  /** The largest stamp seen, '' before any. */
  readonly peak: string
  /** Positions passed, oldest first. */
  readonly edges: readonly Position[]
  /** How often something was taken away. */
  readonly cuts?: number
  readonly made?: number
  readonly falls?: readonly Fall[]
  readonly bytes?: number
  readonly usedAt?: number
}

/** Names a copy of a room: under another name something was taken away since, or the copy was lost and made anew. */
export const copyOf = ({ made = 0, cuts = 0 }: RoomState): string => `${made}.${cuts}`

/** Adds a fall, the last one; those before it that went no deeper are part of it. */
export const fallen = ({ falls = [] }: RoomState, fall: Fall): readonly Fall[] =>
  [...falls.filter(({ to }) => to < fall.to), fall].slice(-LIMITS.falls)

export const EMPTY: RoomState = { ranges: [], peak: '', edges: [] }
