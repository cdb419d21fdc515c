import { LIMITS } from '../limits.js'
import { type Entry, isLeased, waitsSince } from './entry.js'
import { attempt, type Transition } from './transitions.js'

/**
 * How a context takes part in sending: not at all; `late`, what another one should have taken long ago; `shared`, beside others, where
 * nothing keeps them apart; `alone`.
 */
export type Role = 'none' | 'late' | 'shared' | 'alone'

/** Who sends an entry where nothing keeps contexts of a profile apart: whoever wrote its name on it last, for a while. */
export interface Claims {
  readonly role: Role
  play(role: Role): void
  /** How long to leave an entry to others, in ms. */
  yieldMs(entry: Entry): number
  isOurs(entry: Entry): boolean
  /** Whether another context has put it on the wire, or is about to. */
  isForeign(entry: Entry): boolean
  /** Whether no other context may send it now. */
  isSafe(entry: Entry): boolean
  /** Whether the entry must be claimed before it leaves. */
  isNeeded(entry: Entry): boolean
  /** Writes down that this context is about to send. */
  claim(): Transition
  /** What an entry carries that leaves as soon as it is on disk. */
  atBirth(): Pick<Entry, 'attempts' | 'at' | 'claim'>
}

export function createClaims(claimant: string, serverNow: () => number): Claims {
  let role: Role = 'none'
  const isSafe = ({ claim }: Entry): boolean =>
    role !== 'none' && claim?.by === claimant && isLeased(claim, serverNow(), LIMITS.claimLeaseMs)
  const isOurs = (entry: Entry): boolean => role === 'alone' || isSafe(entry)

  return {
    get role() {
      return role
    },
    play(next) {
      role = next
    },
    yieldMs(entry) {
      if (role !== 'late' || isOurs(entry)) return 0
      const heldForMs = serverNow() - (entry.claim?.at ?? waitsSince(entry))
      // Further ahead than clocks of one device are apart: it was set back meanwhile, and nobody waits for hours to come again.
      return heldForMs < -LIMITS.claimLeaseMs ? 0 : LIMITS.claimLeaseMs - heldForMs
    },
    isOurs,
    isForeign: (entry) => entry.attempts > 0 && !isOurs(entry),
    isSafe,
    isNeeded: (entry) => entry.attempts === 0 || !isOurs(entry),
    claim: () => attempt(claimant, serverNow(), role === 'alone' ? 0 : LIMITS.claimLeaseMs),
    atBirth() {
      const at = serverNow()
      return { attempts: 1, at, claim: { by: claimant, at } }
    },
  }
}
