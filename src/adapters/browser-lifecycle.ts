import { contained } from '../core/emitter.js'
import type { Lifecycle, LifecycleSignal } from '../core/seams/lifecycle.js'

/** The least time between two `active`, in ms: a moving pointer says it a hundred times a second. */
const ACTIVE_EVERY_MS = 1_000

const OF_WINDOW = ['online', 'offline', 'pagehide', 'pageshow'] as const
const OF_DOCUMENT = ['freeze', 'resume'] as const
// Text comes without keys too: dictated, pasted from a menu. A finger that scrolls is a pointer no longer.
const OF_PERSON = [
  'pointerdown',
  'pointermove',
  'keydown',
  'input',
  'wheel',
  'touchstart',
  'touchmove',
] as const

/** Tells a pointer that moved from one at rest, under which the page moved: browsers tell of both, and messages move pages. */
function createRest(): (event: Event) => boolean {
  let place = ''
  return (event) => {
    if (event.type !== 'pointermove' || !(event instanceof MouseEvent)) return false
    const before = place
    place = `${event.screenX} ${event.screenY}`
    return place === before
  }
}

const visibility = (): LifecycleSignal => (document.visibilityState === 'hidden' ? 'hidden' : 'visible')

/** Listens to the page, and tells; returns its end. */
function listenToPage(tell: (signal: LifecycleSignal) => void): () => void {
  const stops: (() => void)[] = []

  function on(target: EventTarget, event: string, listener: (event: Event) => void): void {
    // Passive: nothing here may hold up scrolling. Capture: a page that stops its events still has somebody before it.
    target.addEventListener(event, listener, { passive: true, capture: true })
    stops.push(() => target.removeEventListener(event, listener, { capture: true }))
  }

  for (const signal of OF_WINDOW) on(window, signal, () => tell(signal))
  for (const signal of OF_DOCUMENT) on(document, signal, () => tell(signal))
  on(document, 'visibilitychange', () => tell(visibility()))
  // A window that was covered by another is not hidden, but somebody looks at it again now.
  on(window, 'focus', ({ target }) => {
    if (target === window) tell(visibility())
  })
  const rests = createRest()
  let lastMs = Number.NEGATIVE_INFINITY
  for (const name of OF_PERSON)
    on(window, name, (event) => {
      if (rests(event) || event.timeStamp - lastMs < ACTIVE_EVERY_MS) return
      lastMs = event.timeStamp
      tell('active')
    })
  return () => {
    for (const stop of stops) stop()
  }
}

/** What somebody threw goes where it would go from a listener of the page's own. */
const rethrow = (thrown: unknown): void =>
  queueMicrotask(() => {
    throw thrown
  })

/** What the browser says about the page, heard once for all who listen. Listens to nothing where there is no window. */
export function createBrowserLifecycle(): Lifecycle {
  const listeners = new Set<(signal: LifecycleSignal) => void>()
  let stopListening: (() => void) | undefined

  function tell(signal: LifecycleSignal): void {
    // A copy: listeners may stop themselves or others while they are told.
    for (const listener of [...listeners]) if (listeners.has(listener)) listener(signal)
  }

  return {
    listen(fn) {
      if (typeof window === 'undefined' || typeof document === 'undefined') return () => undefined
      const listener = contained(fn, rethrow)
      listeners.add(listener)
      stopListening ??= listenToPage(tell)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        stopListening?.()
        stopListening = undefined
      }
    },
  }
}
