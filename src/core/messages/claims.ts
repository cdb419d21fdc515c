import { LIMITS } from '../limits.js'
import type { Entry } from './entry.js'
import { attempt, type Transition } from './transitions.js'

/** Who sends an entry where nothing keeps contexts of a profile apart: whoever wrote its name on it last, for a while. */
export interface Claims {
  /** Nobody else sends: names need not be looked at. */
  setExclusive(exclusive: boolean): void
  isOurs(entry: Entry): boolean
  /** Whether the entry must be claimed before it leaves. */
  isNeeded(entry: Entry): boolean
  /** Writes down that this context is about to send. */
  claim(): Transition
  /** What an entry carries that leaves as soon as it is on disk. */
  atBirth(): Pick<Entry, 'attempts' | 'at' | 'claim'>
}

export function createClaims(claimant: string, serverNow: () => number): Claims {
  let exclusive = false
  const isOurs = ({ claim }: Entry): boolean =>
    exclusive || (claim?.by === claimant && claim.at + LIMITS.claimLeaseMs > serverNow())

  return {
    setExclusive(next) {
      exclusive = next
    },
    isOurs,
    isNeeded: (entry) => entry.attempts === 0 || !isOurs(entry),
    claim: () => attempt(claimant, serverNow(), exclusive ? 0 : LIMITS.claimLeaseMs),
    atBirth() {
      const at = serverNow()
      return { attempts: 1, at, claim: { by: claimant, at } }
    },
  }
}
