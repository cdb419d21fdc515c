/** The wire of tidings: frames, limits, codes, stamps and the codec that both sides share. Pure; no platform, no state. */

export { channelFields, type Fields } from './channel-fields.js'
export { clientFrames } from './client-frames.js'
export {
  type Decoded,
  decodeClientText,
  decodeServerText,
  encodeFrames,
  type FrameFault,
  type RefusedFrame,
} from './codec.js'
export {
  CLOSE,
  type ErrorCode,
  isFinalClose,
  NACK_CODES,
  type NackCode,
  type ResetReason,
} from './codes.js'
export type {
  ClientFrame,
  ClientFrames,
  LogEntry,
  PageEntry,
  PresenceEntry,
  Reader,
  RoomRequest,
  ServerFrame,
  ServerFrames,
} from './frames.js'
export {
  framesBody,
  httpRefusal,
  readAs,
  STREAM_EVENTS,
  streamClose,
  streamSession,
  ticketAnswer,
} from './http.js'
export { isJson, type Json, utf8Bytes } from './json.js'
export { WIRE } from './limits.js'
export { directRoom, personalRoom } from './rooms.js'
export { serverFrames } from './server-frames.js'
export type { OptionalShape, Shape } from './shape.js'
export {
  compareText,
  formatStamp,
  MAX_STAMP_COUNTER,
  MAX_STAMP_MS,
  NODE_LENGTH,
  parseStamp,
  STAMP_LENGTH,
  STAMP_PATTERN,
  type StampParts,
  stampAfter,
  stampMs,
} from './stamp.js'
export { PROTOCOL_VERSION, SUBPROTOCOL } from './version.js'
