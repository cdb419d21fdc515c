import type { Verified } from 'tidings-server/core'

/**
 * What a token provider is like: `good`; `refused` gives tokens that no server takes; `other` gives somebody else's; `short` gives
 * tokens that are over soon; `late` answers after a while; `failing` throws.
 */
export type WalletMood = 'good' | 'refused' | 'other' | 'short' | 'late' | 'failing'

/** Where a tab gets its tokens. */
export interface Wallet {
  mood: WalletMood
  readonly token: () => Promise<string>
}

const SHORT_MS = 25_000
/** Longer than a client waits. */
const LATE_MS = 12_000
const REFUSED = '!'

export interface WalletParts {
  readonly user: string
  readonly other: string
  readonly clock: { now(): number; after(ms: number, fn: () => void): unknown }
}

export function createWallet({ user, other, clock }: WalletParts): Wallet {
  const wallet: Wallet = {
    mood: 'good',
    async token() {
      if (wallet.mood === 'late') await new Promise<void>((resolve) => clock.after(LATE_MS, resolve))
      if (wallet.mood === 'failing') throw new Error('The provider has no token.')
      if (wallet.mood === 'refused') return REFUSED
      if (wallet.mood === 'other') return other
      return wallet.mood === 'short' ? `${user}@${clock.now() + SHORT_MS}` : user
    },
  }
  return wallet
}

/** A token is a name, and, behind an `@`, when it is over. */
export function readToken(token: string | undefined, now: number): Verified {
  const [user, over] = (token ?? '').split('@')
  if (!user || user === REFUSED) return 'refused'
  if (over === undefined) return { user }
  const expiresAt = Number(over)
  return expiresAt > now ? { user, expiresAt } : 'expired'
}
