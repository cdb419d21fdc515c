/** tidings without a platform: for those who bring their own adapters. */
export type {
  AnyClient,
  AnyRoom,
  Change,
  Client,
  ClientEvents,
  ConnectionState,
  ConnectionStatus,
  EditOptions,
  OutboxStatus,
  Room,
  RoomOptions,
  RoomSummary,
  SendOptions,
  Sent,
  StorageStatus,
  SyncStatus,
} from './api.js'
export type { ChannelCoding, ChannelMessage } from './channels/channel-message.js'
export { type ChannelEvents, type Channels, createChannels } from './channels/channels.js'
export { createClientOn } from './client.js'
export type {
  Conflict,
  ConflictPolicy,
  ConflictRules,
  OnConflict,
  Resolution,
} from './conflicts.js'
export type { Connection, ConnectionOptions, Lane, TokenSource, UrlSource } from './connection/contract.js'
export { createFallback, type FallbackParts } from './connection/fallback.js'
export {
  createPlainConnection,
  type PlainConnection,
  type PlainEvents,
  type PlainOptions,
} from './connection/plain.js'
export { createRouterOn, type Router, type RouterOptions } from './connection/router.js'
export {
  type BodyIssue,
  type FailedEdit,
  type Retry,
  TidingsError,
  type TidingsErrorCode,
  type TidingsErrorDetail,
} from './errors.js'
export type {
  Gap,
  Jump,
  JumpTarget,
  Message,
  MessageStatus,
  Reaction,
  Timeline,
  TimelineItem,
  TimelineStatus,
  Unreadable,
} from './message.js'
export { createHlc, type Hlc, type HlcParts, nodeName } from './messages/hlc.js'
export type { Causality, VectorClock } from './messages/vector-clock.js'
export * as vectorClock from './messages/vector-clock.js'
export { type IdleOptions, type IdleStatus, idle } from './people/idle.js'
export { type NotificationBody, notifications } from './people/notifications.js'
export type { RoomPresence, UserPresence } from './people/others-presence.js'
export type { OwnPresence, PresenceStatus } from './people/own-presence.js'
export { type Presence, presence } from './people/presence.js'
export type { Reader } from './people/readers.js'
export {
  type Delivery,
  deliveryOf,
  type Receipts,
  type ReceiptsState,
  receipts,
} from './people/receipts.js'
export { type Typing, type Typist, typing } from './people/typing.js'
export type { ClientOptions, Platform, TypedClientOptions } from './platform.js'
export { createOptimisticOn, type Optimistic, type OptimisticOptions } from './records/optimistic.js'
export { type RecordBody, recordBody } from './records/record-body.js'
export type { ChangedRecord, RecordChange, RecordItem, Records, RecordsState } from './records/records.js'
export {
  type RecordsOfOptions,
  type RecordsRoom,
  type RoomRecords,
  type RoomRecordsState,
  recordsOf,
} from './records/room-records.js'
export type { RecordVersion } from './records/table.js'
export type { BodySchema, SchemaIssue, SchemaResult } from './schema.js'
export type { Clock } from './seams/clock.js'
export type { Lifecycle, LifecycleSignal } from './seams/lifecycle.js'
export type { Locks, LockWish } from './seams/locks.js'
export type { Random } from './seams/random.js'
export type { Readable } from './seams/readable.js'
export {
  type Change as StorageChange,
  type Durability,
  type Range,
  type Storage,
  StorageError,
  type StorageFault,
  type Store,
  type Stored,
  type StoreLoss,
} from './seams/storage.js'
export type { Closed, Connect, Transport, TransportEvents } from './seams/transport.js'
