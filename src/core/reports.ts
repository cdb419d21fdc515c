import type { ClientEvents } from './api.js'
import { createEmitter, type Emitter, type OnThrow } from './emitter.js'
import { TidingsError } from './errors.js'
import { LIMITS } from './limits.js'

/** Where everything that happens is told: events for applications, a trace for those who look for a fault. The SDK never prints. */
export interface Reports {
  readonly events: Emitter<ClientEvents>
  readonly onError: (error: TidingsError) => void
  readonly onThrow: OnThrow
  readonly trace: (line: string) => void
  readonly lines: () => readonly string[]
  /** The client ended: what still fails on its way out concerns nobody. */
  readonly end: () => void
}

export function createReports(now: () => number): Reports {
  const lines: { readonly at: number; readonly line: string }[] = []
  let telling = false
  let ended = false

  function trace(line: string): void {
    lines.push({ at: now(), line })
    if (lines.length > LIMITS.traceEntries) lines.shift()
  }

  function onError(error: TidingsError): void {
    trace(`error ${error.code}${error.room === undefined ? '' : ` room ${error.room}`}`)
    // A listener of `error` that throws is noted and not told again: it would throw again.
    if (telling || ended) return
    telling = true
    events.emit('error', error)
    telling = false
  }

  function end(): void {
    ended = true
  }

  const onThrow: OnThrow = (cause) =>
    onError(new TidingsError('listener', 'A listener threw. Nothing else was affected.', { cause }))

  const events = createEmitter<ClientEvents>(onThrow)
  return { events, onError, onThrow, trace, lines: () => lines.map(({ at, line }) => `${at} ${line}`), end }
}
