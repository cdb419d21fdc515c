import type { Sees } from './seams.js'

/** A filter that throws hides: what is wrong with it must neither show an entry nor keep it from others. */
export const guarded =
  (sees: Sees): Sees =>
  (user, entry) => {
    try {
      return sees(user, entry)
    } catch {
      return false
    }
  }
