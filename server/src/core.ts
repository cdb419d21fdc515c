/** The server without a platform: a function of frames, with a log in memory. Runs in Node, in a page and in a worker. */

export { createServerChannels, type ServerChannels } from './channels.js'
export type { Batch, Gap, Handle, RoomEntry } from './consuming/batch.js'
export type { Consumer } from './consuming/consumer.js'
export { type ConsumeOptions, type Consumers, createConsumers } from './consuming/consumers.js'
export type { Inbound } from './core/context.js'
export { type Group, GroupError, type Groups, type Hold, type Member } from './core/groups.js'
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
