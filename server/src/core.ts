/** The server without a platform: a function of frames, with a log in memory. Runs in Node, in a page and in a worker. */

export type { Inbound } from './core/context.js'
export type { Mark, MarkClaim, Marks } from './core/marks.js'
export type { Screen } from './core/operations.js'
export type { Allowance, Quota, Quotas } from './core/quotas.js'
export type { Committed, Log, Operation, Outcome, Socket, Verified, Verify } from './core/seams.js'
export {
  createServerCore,
  type DrainOptions,
  type ServerCore,
  type ServerCoreOptions,
} from './core/server.js'
export type { FrameHead, Watch } from './core/wire.js'
export { messageIdOf } from './log/digest.js'
export { createMemoryLog } from './log/memory.js'
