import type { Lifecycle, LifecycleSignal } from '../core/seams/lifecycle.js'

/** The least time between two `active`, in ms: a moving pointer says it a hundred times a second. */
const ACTIVE_EVERY_MS = 1_000

const OF_WINDOW = ['online', 'offline', 'pagehide', 'pageshow'] as const
const OF_DOCUMENT = ['freeze', 'resume'] as const
const OF_PERSON = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** What the browser says about the page. Listens to nothing where there is no window. */
export function createBrowserLifecycle(): Lifecycle {
  return {
    listen(fn) {
      if (typeof window === 'undefined' || typeof document === 'undefined') return () => undefined
      const stops: (() => void)[] = []

      function on(target: EventTarget, event: string, listener: (event: Event) => void): void {
        // Passive: nothing here may hold up scrolling. Capture: a page that stops its events still has somebody before it.
        target.addEventListener(event, listener, { passive: true, capture: true })
        stops.push(() => target.removeEventListener(event, listener, { capture: true }))
      }

      const visibility = (): LifecycleSignal => (document.visibilityState === 'hidden' ? 'hidden' : 'visible')
      for (const signal of OF_WINDOW) on(window, signal, () => fn(signal))
      for (const signal of OF_DOCUMENT) on(document, signal, () => fn(signal))
      on(document, 'visibilitychange', () => fn(visibility()))
      // A window that was covered by another is not hidden, but somebody looks at it again now.
      on(window, 'focus', ({ target }) => {
        if (target === window) fn(visibility())
      })
      let lastMs = Number.NEGATIVE_INFINITY
      for (const event of OF_PERSON)
        on(window, event, ({ timeStamp }) => {
          if (timeStamp - lastMs < ACTIVE_EVERY_MS) return
          lastMs = timeStamp
          fn('active')
        })
      return () => {
        for (const stop of stops.splice(0)) stop()
      }
    },
  }
}
