import type { ConnectionStatus } from '../api.js'
import { isWanted, publicState, type State } from './state.js'

/** What is known beside the state. */
export interface Facts {
  readonly rttMs: number | null
  readonly lastInboundAt: number | null
}

/** What applications are shown of a state. */
export const statusOf = (state: State, facts: Facts): ConnectionStatus => ({
  state: publicState[state.kind],
  transport: 'transport' in state ? state.transport.kind : null,
  rttMs: facts.rttMs,
  lastInboundAt: facts.lastInboundAt,
  nextRetryAt: 'dueAt' in state ? state.dueAt : null,
  reason: 'reason' in state ? state.reason : isWanted(state) ? null : state.kind,
  error: 'error' in state ? state.error : null,
})

const fields = [
  'state',
  'transport',
  'rttMs',
  'lastInboundAt',
  'nextRetryAt',
  'reason',
  'error',
] as const satisfies readonly (keyof ConnectionStatus)[]

/** Whether two statuses say the same: then the older reference stays, and nobody is told. */
export const sameStatus = (a: ConnectionStatus, b: ConnectionStatus): boolean =>
  fields.every((field) => a[field] === b[field])
