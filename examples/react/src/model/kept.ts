/** Small settings. A browser may refuse to keep them (a private window, blocked storage): then they last as long as the page. */
const keptIn = (area: () => Storage) => ({
  read(key: string): string | null {
    try {
      return area().getItem(`tidings:${key}`)
    } catch {
      return null
    }
  },
  write(key: string, value: string | null): void {
    try {
      if (value === null) area().removeItem(`tidings:${key}`)
      else area().setItem(`tidings:${key}`, value)
    } catch {
      // Nothing to be done: the page works without it.
    }
  },
})

/** Lasts over a reload of this window, and is its own: two windows of one person differ. */
export const ofWindow = keptIn(() => sessionStorage)

/** Shared by all windows of this browser. */
export const ofBrowser = keptIn(() => localStorage)
