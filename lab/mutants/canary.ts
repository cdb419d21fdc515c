import type { Mutant } from './mutant.js'
import type { Storm } from './storm.js'

/** A defect that nobody could overlook: if it gets away, so does everything else. */
export const canary: Mutant = {
  name: 'canary',
  why: 'Lists stand on their heads.',
  file: 'src/core/messages/window.ts',
  find: 'shown: () => list.slice(heldBack()).map((row) => row.message),',
  replace: 'shown: () => list.slice(heldBack()).map((row) => row.message).reverse(),',
}

export const CANARY_STORM: Storm = { seed: 1, minutes: 2 }
