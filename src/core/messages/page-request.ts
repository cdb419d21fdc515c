import { WIRE } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'
import type { Position } from './ranges.js'
import type { Question } from './replica-phase.js'

/** What a request for pages says of what is wanted. `from`: where what is held ends; `edges`: positions that were passed, oldest first. */
export function pageRequest(
  want: Question['want'],
  from: string | undefined,
  edges: () => readonly Position[],
) {
  if (want === 'newest') return { dir: 'backward' as const, limit: LIMITS.pageMessages }
  if (want === 'recognised') {
    const newestFirst = [...edges()].reverse()
    // Only where the page begins is wanted of it: what follows is asked for once the replica has fallen back.
    return { limit: 1, checkpoints: newestFirst.slice(0, WIRE.checkpoints).map((edge) => edge.cursor) }
  }
  const pages = { limit: LIMITS.pageMost, pages: LIMITS.creditPages }
  return { ...pages, ...(from !== undefined && { cursor: from }) }
}
