/** tidings for browsers. */
export { type AutoRead, autoRead } from './adapters/auto-read.js'
export { createHttpConnect, type HttpOptions } from './adapters/http/http.js'
export { createMemoryStorage } from './adapters/memory.js'
export { createSystemClock } from './adapters/system-clock.js'
export { createWebSocketConnect, type WebSocketOptions } from './adapters/web-socket.js'
export type { ChannelCoding, ChannelMessage } from './core/channels/channel-message.js'
export { type ChannelEvents, type Channels, createChannels } from './core/channels/channels.js'
export type { Router, RouterOptions } from './core/connection/router.js'
export type {
  AnyClient,
  AnyRoom,
  BodyIssue,
  BodySchema,
  Change,
  Client,
  ClientEvents,
  Conflict,
  ConflictPolicy,
  ConflictRules,
  Connection,
  ConnectionOptions,
  ConnectionState,
  ConnectionStatus,
  EditOptions,
  FailedEdit,
  Gap,
  Jump,
  JumpTarget,
  Lane,
  Message,
  MessageStatus,
  OnConflict,
  OutboxStatus,
  PlainConnection,
  PlainEvents,
  PlainOptions,
  Reaction,
  Readable,
  Resolution,
  Retry,
  Room,
  RoomOptions,
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
  UrlSource,
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
export { type NotificationBody, notifications } from './core/people/notifications.js'
export type { RoomPresence, UserPresence } from './core/people/others-presence.js'
export type { OwnPresence, PresenceStatus } from './core/people/own-presence.js'
export { type Presence, presence } from './core/people/presence.js'
export type { Reader } from './core/people/readers.js'
export {
  type Delivery,
  deliveryOf,
  type Receipts,
  type ReceiptsState,
  receipts,
} from './core/people/receipts.js'
export { type Typing, type Typist, typing } from './core/people/typing.js'
export type { Optimistic, OptimisticOptions } from './core/records/optimistic.js'
export { type RecordBody, recordBody } from './core/records/record-body.js'
export type {
  ChangedRecord,
  RecordChange,
  RecordItem,
  Records,
  RecordsState,
} from './core/records/records.js'
export {
  type RecordsOfOptions,
  type RecordsRoom,
  type RoomRecords,
  type RoomRecordsState,
  recordsOf,
} from './core/records/room-records.js'
export type { RecordVersion } from './core/records/table.js'
export { type CreateClientOptions, type CreateTypedClientOptions, createClient } from './create-client.js'
export { type CreateConnectionOptions, createConnection } from './create-connection.js'
export { createFallbackConnect, type FallbackConnectOptions } from './create-fallback-connect.js'
export { type CreateOptimisticOptions, createOptimistic } from './create-optimistic.js'
export { type CreateRouterOptions, createRouter } from './create-router.js'
export { directRoom, type Json, personalRoom } from './protocol/index.js'
