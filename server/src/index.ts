/** The reference server of tidings: its core as a function of frames, its logs, and the server around them. */

export { createMemoryArchive } from './archive/memory.js'
export { createPostgresArchive, type PostgresArchiveOptions } from './archive/postgres.js'
export type { Archive, ArchiveBatch, Archived } from './archive/seam.js'
export { createSqliteArchive, type SqliteArchiveOptions } from './archive/sqlite.js'
export { createServerChannels, type ServerChannels } from './channels.js'
export type { Batch, Gap, Handle, RoomEntry } from './consuming/batch.js'
export type { Consumer } from './consuming/consumer.js'
export { type ConsumeOptions, type Consumers, createConsumers } from './consuming/consumers.js'
export { type Bus, createMemoryBus } from './core/bus.js'
export type { Inbound } from './core/context.js'
export { type Group, GroupError, type Groups, type Hold, type Member } from './core/groups.js'
export { SERVER_LIMITS, type ServerLimits } from './core/limits.js'
export type { Mark, MarkClaim, Marks } from './core/marks.js'
export type { Screen } from './core/operations.js'
export { createMemoryPresence, type MemoryPresenceOptions } from './core/presence/memory.js'
export type { MaySee } from './core/presence/rights.js'
export type { OnlineAsk, Presence, PresenceChange, RoomPresence, Said } from './core/presence/seam.js'
export { PublishError, type Published, type Publisher, type PublishOptions } from './core/publish.js'
export type { Allowance, Quota, Quotas } from './core/quotas.js'
export type {
  Authorize,
  Clock,
  Committed,
  Done,
  EntryKind,
  Glimpse,
  Log,
  Loss,
  Operation,
  Origin,
  Outcome,
  Page,
  PageAnswer,
  PageItem,
  PageRequest,
  Permit,
  Place,
  Random,
  Refused,
  Sees,
  Socket,
  Standing,
  StandingRequest,
  Target,
  Verb,
  Verified,
  Verify,
} from './core/seams.js'
export {
  createServerCore,
  type DrainOptions,
  type ServerCore,
  type ServerCoreOptions,
} from './core/server.js'
export type { FrameHead, Watch } from './core/wire.js'
export { createEmbeddedServer, type EmbeddedServer } from './embedded.js'
export { messageIdOf } from './log/digest.js'
export { createMemoryLog } from './log/memory.js'
export { createSqliteLog, type SqliteLogOptions } from './log/sqlite.js'
export type { Present, Row } from './log/store.js'
export { lineOf, type ServerEvent, type Tell } from './operating/events.js'
export type { EmbeddedServerOptions } from './options.js'
export type { Keep } from './redis/keeping.js'
export { openRedis, type Redis, type RedisOptions } from './redis/open.js'
export { openRooms, roomsOfToken } from './rights.js'
export { createTokens, type Tokens } from './tokens.js'
