/** tidings for browsers. */
export { createMemoryStorage } from './adapters/memory.js'
export { createSystemClock } from './adapters/system-clock.js'
export { createWebSocketConnect, type WebSocketOptions } from './adapters/web-socket.js'
export type {
  Change,
  Client,
  ClientEvents,
  Connection,
  ConnectionOptions,
  ConnectionState,
  ConnectionStatus,
  Gap,
  Lane,
  Message,
  MessageStatus,
  OutboxStatus,
  PlainConnection,
  PlainEvents,
  PlainOptions,
  Reaction,
  Readable,
  Retry,
  Room,
  RoomSummary,
  SendOptions,
  Sent,
  StorageStatus,
  SyncStatus,
  TidingsErrorCode,
  Timeline,
  TimelineItem,
  TimelineStatus,
  TokenSource,
  Unreadable,
} from './core/index.js'
export { TidingsError } from './core/index.js'
export {
  createOrderedBuffer,
  type OrderedBuffer,
  type OrderedBufferParts,
  type Ready,
} from './core/messages/ordered-buffer.js'
export {
  type FetchTimestampPage,
  type TimestampFrames,
  type TimestampFramesParts,
  type TimestampHttpParts,
  type TimestampPage,
  type TimestampRequest,
  timestampPagesOverFrames,
  timestampPagesOverHttp,
} from './core/messages/timestamp-pages.js'
export {
  createTimestampSync,
  stampOfTimestamp,
  type TimestampPosition,
  type TimestampStore,
  type TimestampSync,
  type TimestampSyncParts,
} from './core/messages/timestamp-sync.js'
export type { Causality, VectorClock } from './core/messages/vector-clock.js'
export * as vectorClock from './core/messages/vector-clock.js'
export { type IdleOptions, type IdleStatus, idle } from './core/people/idle.js'
export { type Typing, type Typist, typing } from './core/people/typing.js'
export { type CreateClientOptions, createClient } from './create-client.js'
export { type CreateConnectionOptions, createConnection } from './create-connection.js'
export { directRoom, type Json, personalRoom } from './protocol/index.js'
