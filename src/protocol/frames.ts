import type { clientFrames, roomRequest } from './client-frames.js'
import type { logEntry, presenceEntry, reader, serverFrames } from './server-frames.js'
import type { AnyShape, Infer } from './shape.js'

/**
 * Every frame of the wire. The schemas stand in `client-frames.ts` and `server-frames.ts`; the types below, the validation of both
 * sides and the published JSON Schema come from them. Fields that no schema names are dropped on receipt, so that a newer peer may add some. `docs/protocol.md` holds the obligations.
 */
type FrameOf<T extends Record<string, AnyShape>> = { readonly [K in keyof T]: Infer<T[K]> }

/** Frames that a client sends, by their `type`. */
export type ClientFrames = FrameOf<typeof clientFrames>
/** Any frame that a client sends. */
export type ClientFrame = ClientFrames[keyof ClientFrames]
/** Frames that a server sends, by their `type`. */
export type ServerFrames = FrameOf<typeof serverFrames>
/** Any frame that a server sends. */
export type ServerFrame = ServerFrames[keyof ServerFrames]

/** A committed operation as pages carry it; an `event` frame adds `room`, `cursor` and `prev`. */
export type LogEntry = Infer<typeof logEntry>
/** What a page holds at one place: an entry, or the place of one that did not fit. */
export type PageEntry = ServerFrames['sync_response']['messages'][number]
/** A room to follow, as hello and subscribe name it. */
export type RoomRequest = Infer<typeof roomRequest>
/** How far one reader has read: every message of the room up to `upTo`, at `readAt` by the server's clock at the latest. */
export type Reader = Infer<typeof reader>
/** One user as all of their connections together show them. A lower `ver` than one already known is late and loses. */
export type PresenceEntry = Infer<typeof presenceEntry>
