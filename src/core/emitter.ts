import mitt from 'mitt'
import type { Readable } from './seams/readable.js'

/** Told what a listener threw, and which event it listened to, where it was one. */
export type OnThrow = (thrown: unknown, event?: PropertyKey) => void

/** A function whose throws reach nobody but `onThrow`: a listener that throws starves nobody. An async one throws later. */
export const contained =
  <A extends readonly unknown[]>(
    listener: (...told: A) => unknown,
    onThrow: OnThrow,
  ): ((...told: A) => void) =>
  (...told) => {
    try {
      const answer = listener(...told)
      if (answer instanceof Promise) answer.catch(onThrow)
    } catch (thrown) {
      onThrow(thrown)
    }
  }

/** What comes of telling errors is told, too. What comes of that is not: two listeners that bring about each other's errors would never end. */
export function twiceAtMost<T>(tell: (error: T) => void): (error: T) => void {
  let depth = 0
  return (error) => {
    if (depth > 1) return
    depth += 1
    tell(error)
    depth -= 1
  }
}

/** Named events. mitt alone stops at the first listener that throws: every listener is wrapped here. */
export interface Emitter<Events extends Record<string, unknown>> {
  on<K extends keyof Events>(event: K, listener: (payload: Events[K]) => void): () => void
  emit<K extends keyof Events>(event: K, payload: Events[K]): void
  /** Drops every listener. */
  clear(): void
}

export function createEmitter<Events extends Record<string, unknown>>(onThrow: OnThrow): Emitter<Events> {
  const events = mitt<Events>()
  return {
    on(event, listener) {
      let stopped = false
      const wrapped = contained<[Events[typeof event]]>(
        // mitt goes on calling who was stopped while others are told.
        (payload) => stopped || listener(payload),
        (thrown) => onThrow(thrown, event),
      )
      events.on(event, wrapped)
      return () => {
        stopped = true
        events.off(event, wrapped)
      }
    },
    emit: (event, payload) => events.emit(event, payload),
    clear: () => events.all.clear(),
  }
}

/** A Readable that its owner can set. Listeners are told once a change, and not at all when the value is the same reference. */
export interface Cell<T> extends Readable<T> {
  readonly set: (value: T) => void
  /** How many listen. */
  readonly listeners: () => number
}

export function createCell<T>(initial: T, onThrow: OnThrow): Cell<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      // A copy: listeners may stop themselves or others while they are told.
      for (const listener of [...listeners]) if (listeners.has(listener)) listener()
    },
    subscribe(listener) {
      const wrapped = contained(listener, onThrow)
      listeners.add(wrapped)
      return () => {
        listeners.delete(wrapped)
      }
    },
    listeners: () => listeners.size,
  }
}
