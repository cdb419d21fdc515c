import type { TokenSource } from '../../../src/core/connection/contract.js'
import type { ClientFrame } from '../../../src/protocol/index.js'
import { createLine } from './line.js'

export const expiring = { type: 'error', code: 'token_expiring', message: '', retryable: true } as const

/** A provider that gives t1, t2 … */
export function counted(): { source: TokenSource; calls: () => number } {
  let calls = 0
  return { source: () => `t${++calls}`, calls: () => calls }
}

export const authOf = (frames: readonly ClientFrame[]) =>
  frames.flatMap((f) => (f.type === 'auth' ? [f] : []))

/** A line with a provider, welcomed. */
export async function welcomed(token: TokenSource) {
  const line = createLine({ token })
  line.connection.connect()
  await line.timeline.settle()
  line.greet()
  return line
}
