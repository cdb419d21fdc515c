import type { ClientEvents } from './api.js'
import { createEmitter, type Emitter, type OnThrow, twiceAtMost } from './emitter.js'
import { type TidingsError, thrownByListener } from './errors.js'
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
  let ended = false

  function trace(line: string): void {
    lines.push({ at: now(), line })
    if (lines.length > LIMITS.traceEntries) lines.shift()
  }

  const tell = twiceAtMost<TidingsError>((error) => events.emit('error', error))

  function note({ code, room }: TidingsError): void {
    trace(`error ${code}${room === undefined ? '' : ` room ${room}`}`)
  }

  function onError(error: TidingsError): void {
    note(error)
    if (!ended) tell(error)
  }

  function end(): void {
    ended = true
  }

  const onThrow: OnThrow = (cause, event) => {
    const error = thrownByListener(cause)
    // A listener of `error` that throws is noted and not told again: it would throw again.
    if (event === 'error') note(error)
    else onError(error)
  }

  const events = createEmitter<ClientEvents>(onThrow)
  return { events, onError, onThrow, trace, lines: () => lines.map(({ at, line }) => `${at} ${line}`), end }
}
