import mitt from 'mitt'
import type { Readable } from './seams/readable.js'

/** Told what a listener threw. */
export type OnThrow = (thrown: unknown) => void

/** Calls listeners so that one that throws starves nobody. */
function contained<A>(listener: (argument: A) => void, onThrow: OnThrow): (argument: A) => void {
  return (argument) => {
    try {
      listener(argument)
    } catch (thrown) {
      onThrow(thrown)
    }
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
      const wrapped = contained(listener, onThrow)
      events.on(event, wrapped)
      return () => events.off(event, wrapped)
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
  const listeners = new Set<(argument: undefined) => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      // A copy: listeners may stop themselves or others while they are told.
      for (const listener of [...listeners]) if (listeners.has(listener)) listener(undefined)
    },
    subscribe(listener) {
      const wrapped = contained<undefined>(() => listener(), onThrow)
      listeners.add(wrapped)
      return () => {
        listeners.delete(wrapped)
      }
    },
    listeners: () => listeners.size,
  }
}
