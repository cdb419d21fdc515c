/** Those who are told of all that is committed. One that throws costs neither the others nor the commit. */
export interface Followers<T> {
  follow(listener: (committed: readonly T[]) => void): () => void
  tell(committed: readonly T[]): void
}

export function createFollowers<T>(): Followers<T> {
  const followers = new Set<(committed: readonly T[]) => void>()
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
          // What a follower makes of it is its own affair: it is committed.
        }
      }
    },
  }
}
