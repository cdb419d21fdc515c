import type { Position } from './ranges.js'
import type { StoredRange } from './record.js'

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
  readonly bytes?: number
  readonly usedAt?: number
}

/** Names a copy of a room: under another name something was taken away since, or the copy was lost and made anew. */
export const copyOf = ({ made = 0, cuts = 0 }: RoomState): string => `${made}.${cuts}`

export const EMPTY: RoomState = { ranges: [], peak: '', edges: [] }
