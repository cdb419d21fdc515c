/** What may travel, in bytes, levels and counts. Both sides check; `welcome.limits` may only lower a number, never raise it. */
export const WIRE = {
  /** A text message from a client, arrays included. */
  clientTextBytes: 64 * 1024,
  /** A text message from a server, arrays included. */
  serverTextBytes: 1024 * 1024,
  /** The JSON text of one body. */
  bodyBytes: 32 * 1024,
  /** Levels of nesting in a body. IndexedDB and structured clone fail near 3,700 levels; one such message would stop a sync for ever. */
  bodyDepth: 16,
  /** Characters in an id or a room name. */
  idChars: 128,
  /** Rooms named in one hello or subscribe. */
  roomsPerFrame: 64,
  /** Frames in one array. */
  framesPerArray: 1024,
  /** Checkpoints in a sync_request after a reset. */
  checkpoints: 16,
  /** Messages named in one read_receipt. */
  receiptMessages: 200,
  /** Users, and rooms, named in one list of a presence frame. */
  presenceNames: 256,
  /** Readers in one read_receipt of a server. */
  readersPerFrame: 4_096,
  /** Messages in a page: the most a client may ask for. */
  pageMessages: 500,
  /** Bytes of JSON in a page; a page is never cut below one message. */
  pageBytes: 256 * 1024,
  /** Emoji or short name of a reaction. */
  reactionChars: 32,
  /** A stamp further ahead of server time than this is replaced by the server. */
  stampAheadMs: 60_000,
  /** A stamp further behind server time than this is replaced by the server. */
  stampBehindMs: 7 * 24 * 60 * 60_000,
  /** A server frame whose stamp is further ahead of its own `ts` than this is quarantined by every replica alike. */
  stampQuarantineMs: 120_000,
} as const
