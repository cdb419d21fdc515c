import type { Committed } from '../core/seams.js'

type Follower = (committed: readonly Committed[]) => void

/** Those who are told of every committed entry. One that throws costs neither the others nor the commit. */
export interface Followers {
  follow(listener: Follower): () => void
  tell(committed: readonly Committed[]): void
}

export function createFollowers(): Followers {
  const followers = new Set<Follower>()
  return {
    follow(listener) {
      followers.add(listener)
      return () => {
        followers.delete(listener)
      }
    },
    tell(committed) {
      if (committed.length === 0) return
      for (const follower of [...followers]) {
        try {
          follower(committed)
        } catch {
          // What a follower makes of an entry is its own affair: the entry is committed.
        }
      }
    },
  }
}
