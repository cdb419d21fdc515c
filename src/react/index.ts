/** Hooks for React 18 and later: each one a line over `useSyncExternalStore`. Importing and rendering them needs no window. */

export { useClient, useConnection, useMessage, useOutbox, useSend, useTimeline } from './hooks.js'
export { type AnyBody, TidingsProvider, type TidingsProviderProps } from './provider.js'
export { type AutoReadRef, type RowRef, useAutoRead } from './use-auto-read.js'
export { useIdle } from './use-idle.js'
export { useNotifications } from './use-notifications.js'
export { type OptimisticRecords, useOptimistic } from './use-optimistic.js'
export { type OwnPresenceAndSet, usePresence, useRoomPresence } from './use-presence.js'
export { useReadable } from './use-readable.js'
export { type RoomReceipts, useReadBy, useReceipts } from './use-receipts.js'
export { type RoomOrId, useRoom } from './use-room.js'
export { type TypingIndicator, useTypingIndicator } from './use-typing-indicator.js'
