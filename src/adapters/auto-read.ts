import type { Room } from '../core/api.js'
import { receipts } from '../core/people/receipts.js'

/** Marks rows as read while somebody looks at them. */
export interface AutoRead {
  /**
   * Watches the row of a message, by the message's key. Once half of it (or half a screen of a taller one) was in view while the page was
   * visible and had the focus, the message is read and the row let go. Returns a function that lets it go before. A row that shows another
   * message now is watched for that one.
   */
  readonly observe: (row: Element, key: string) => () => void
  /** Begins, or goes on, with all rows that it was given. A new one has begun. */
  readonly start: () => void
  /** Lets go of the page: no observer and no listener is left. Rows are remembered for `start`. */
  readonly stop: () => void
}

// Half a row; the smaller ones for rows of which half never fits on a screen.
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5]
const HALF = 0.5

function isSeen({ intersectionRatio, intersectionRect, rootBounds }: IntersectionObserverEntry): boolean {
  if (intersectionRatio >= HALF) return true
  return rootBounds !== null && rootBounds.height > 0 && intersectionRect.height >= rootBounds.height * HALF
}

const isLookedAt = (): boolean => document.visibilityState === 'visible' && document.hasFocus()

/** For pages without React, which have `useAutoRead`. It marks nothing where there is no IntersectionObserver. */
export function autoRead<Body, Input>(room: Room<Body, Input>): AutoRead {
  const { markRead } = receipts(room)
  const rows = new Map<Element, string>()
  /** Rows in view, while nobody looks at the page. */
  const inView = new Set<Element>()
  let isStopped = false
  let release: (() => void) | undefined
  let observer: IntersectionObserver | undefined

  function take(): void {
    if (inView.size === 0 || !isLookedAt()) return
    const keys = [...inView].flatMap((row) => rows.get(row) ?? [])
    for (const row of inView) forget(row)
    markRead(keys)
  }

  function forget(row: Element): void {
    rows.delete(row)
    inView.delete(row)
    observer?.unobserve(row)
    if (rows.size === 0) letGo()
  }

  function crossed(entries: readonly IntersectionObserverEntry[]): void {
    for (const entry of entries)
      if (rows.has(entry.target) && isSeen(entry)) inView.add(entry.target)
      else inView.delete(entry.target)
    take()
  }

  /** The page is watched only while there are rows that were not read. */
  function watch(): void {
    if (observer || typeof IntersectionObserver === 'undefined') return
    const made = new IntersectionObserver(crossed, { threshold: STEPS })
    observer = made
    document.addEventListener('visibilitychange', take)
    window.addEventListener('focus', take)
    release = () => {
      made.disconnect()
      document.removeEventListener('visibilitychange', take)
      window.removeEventListener('focus', take)
    }
    for (const row of rows.keys()) made.observe(row)
  }

  function letGo(): void {
    release?.()
    release = undefined
    observer = undefined
    inView.clear()
  }

  return {
    observe(row, key) {
      if (rows.get(row) !== key) {
        if (rows.has(row)) forget(row)
        rows.set(row, key)
        // Making the observer watches all rows, this one included.
        if (observer) observer.observe(row)
        else if (!isStopped) watch()
      }
      return () => {
        if (rows.get(row) === key) forget(row)
      }
    },
    start() {
      isStopped = false
      if (rows.size > 0) watch()
    },
    stop() {
      isStopped = true
      letGo()
    },
  }
}
