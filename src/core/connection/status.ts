import type { ConnectionStatus } from '../api.js'
import type { State } from './state.js'

/** What is known beside the state. */
export interface Facts {
  readonly rttMs: number | null
  readonly lastInboundAt: number | null
  /** Server time minus wall time. */
  readonly serverOffsetMs: number
  /** Over how long the server wants its clients spread when it comes back. */
  readonly windowMs: number
}

/** What applications are shown of a state. */
export const statusOf = (state: State, facts: Facts): ConnectionStatus => ({
  state: state.kind === 'fetching' || state.kind === 'opening' ? 'connecting' : state.kind,
  transport: 'transport' in state ? state.transport.kind : null,
  rttMs: facts.rttMs,
  lastInboundAt: facts.lastInboundAt,
  nextRetryAt: 'dueAt' in state ? state.dueAt : null,
  reason: 'reason' in state ? state.reason : state.kind === 'connected' ? null : state.kind,
  error: 'error' in state ? state.error : null,
})

/** Whether two statuses say the same: then the older reference stays, and nobody is told. */
export const sameStatus = (a: ConnectionStatus, b: ConnectionStatus): boolean =>
  Object.entries(a).every(([field, value]) => Reflect.get(b, field) === value)
