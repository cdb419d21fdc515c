/*
 * Every number of the core, with its unit in its name and why it is what it is. Those of the connection stand alone, so that whoever
 * imports the connection alone carries no others.
 */

// Reconnecting: full jitter, clamp first (AWS architecture blog, "Exponential Backoff And Jitter", 2015).
/** Never sooner, whatever the dice say: a server that refuses at once must not be hammered. */
export const backoffFloorMs = 250
export const backoffFirstMs = 1_000
/** A person notices a longer wait; a server feels a shorter one. */
export const backoffCapMs = 30_000
/** Open this long, and the first page applied, before the attempt counter falls back to 0: a server that accepts and closes is no success. */
export const stableAfterMs = 5_000
/** From the start of an attempt to welcome. */
export const connectTimeoutMs = 10_000
/** A probe that stays unanswered for this long ends the transport. */
export const probeTimeoutMs = 5_000
/** A heartbeat timer that fires this much late was throttled or asleep: probe instead of judging. */
export const lateTimerMs = 5_000
/** The last frame's time is shown to this grain: not every frame is worth a redraw. */
export const inboundGrainMs = 1_000
/** Jitter on top of a server's retryAfter, as a share of it. */
export const retryAfterJitter = 0.2
/** The longest wait a server can ask for: a wrong number must not silence a client for ever. */
export const retryAfterCapMs = 60 * 60_000
/** Refusals of fresh tokens in a row that are final: the second says that a third would change nothing. */
export const tokenRefusals = 2
/** A token provider that takes longer counts as failed. */
export const tokenTimeoutMs = 10_000

/** A server that failed is passed over for this long: longer than it takes to start again, shorter than a reader's patience with a detour. */
export const routerCoolDownMs = 30_000

// Flow control, in bytes of what the transport has not sent yet.
export const highWaterBytes = 64 * 1024
export const lowWaterBytes = 32 * 1024
/** WebSocket has no drain event: while above the low mark, look this often. */
export const drainPollMs = 20

// Other ways where WebSockets are blocked.
/** Openings of one way that fail in a row before the next way is tried: one may be bad luck, and a refusal is quick. */
export const wayFailures = 2
/** A way on which nothing is heard for this long is left at once: a firewall that swallows packets never refuses. Less than the connect timeout. */
export const wayPatienceMs = 8_000
/** The better way is tried again this long after it was left, then after twice as long each time: a server that was restarted is soon reached by it. */
export const wayReturnFirstMs = 30_000
/** ... but at least this often: one handshake in ten minutes is nothing, and networks change. */
export const wayReturnCapMs = 10 * 60_000
/** A server's first event leaves with the head of its answer. Where the head is here and the event is not, something on the way gathers. */
export const firstEventMs = 3_000

// Records that are not messages.
/** Changes that wait or failed: past it a backend is gone for good, and a person is better told than shown more. */
export const recordChanges = 1_000
/** Removed records whose version is remembered, so that a late state does not bring them back. */
export const tombstones = 1_000
/** Changes of records in a room that are read back: a step of 100 below where a list lets go of its newer end. */
export const roomRecordChanges = 900

// Typing: a start is lost with the connection that carries it, so it is said again, and what was said holds for two such.
/** While keys are struck, the others are told this often. */
export const typingRepeatMs = 2_000
/** Without a key for this long, typing is over. */
export const typingSilenceMs = 3_000
/** A start that no other follows is forgotten: it outlives one that was lost. */
export const typingExpiresMs = 5_000
/** Typing users that are kept for one room; a page names three or four. */
export const typistsMost = 100

// Read receipts.
/** What is read is gathered this long before it is told: a list that scrolls by costs a frame, not one a row. */
export const receiptGatherMs = 500
/** Messages seen beyond one that was not, remembered for each room; further ones count when they are seen again. */
export const seenBeyondMost = 1_000
/** Readers that are kept for one room; of more, nobody reads the names. */
export const readersMost = 10_000

// Idle.
export const idleAfterMs = 5 * 60_000
/** How long before that the warning comes. */
export const idleWarnMs = 60_000
/** A day is more than anybody waits for, and less than what timers take everywhere. */
export const idleMostMs = 24 * 60 * 60_000
/** An active tab tells the others this often: a write to the disk that they share, so not at every key. */
export const activityShareMs = 30_000
/** ... but never more often than this, however short the deadline is. */
export const activityShareFloorMs = 1_000

// Presence.
/** Own changes are told at most this often, the last one wins: a status that flickers is nobody's news. */
export const presenceThrottleMs = 100
/** What a crowded connection did not take is offered again this much later. */
export const presenceRetryMs = 1_000
/** A watch outlives its last reader by this: a component that mounts again finds it. */
export const presenceLingerMs = 1_000
/** People kept for one watched room: a server tells of fewer, and above its bound of their number alone. */
export const presenceRoomMost = 1_024
/** The longest a single timer waits for the end of a "do not disturb": platforms take no more than some weeks, and clocks jump. */
export const presenceLookMs = 60 * 60_000

/** The numbers of storage, outbox, sync and timeline. */
export const LIMITS = {
  // Retries of operations wait like attempts to connect.
  backoffFirstMs,
  backoffCapMs,

  // Outbox.
  outboxEntries: 1_000,
  outboxBytes: 5 * 1024 * 1024,
  /** An operation older than this is not sent any more without being asked. */
  expireAfterMs: 7 * 24 * 60 * 60_000,
  /** Acknowledged operations are kept this long after they are covered, so that a server that lost its tail can be repaired. */
  keepAckedMs: 24 * 60 * 60_000,
  /** How often that is looked at. */
  pruneEveryMs: 60 * 60_000,
  /** Falls of a room's log that its record remembers. */
  falls: 8,
  /** Operations in one array, and entries in one stored record. */
  batchEntries: 50,
  /** Entries of the log that go into one write: fewer where showing them takes longer than `deafMs`, more where it takes half of that. */
  write: { least: 300, first: 1_000, most: 4_000, deafMs: 4 },
  /** Bytes of JSON in one array: room for its envelope below the wire's 64 KiB. */
  batchBytes: 60 * 1024,
  ackTimeoutMs: 10_000,
  /** Rejections of one operation as "not now" before it is shown as failed. */
  poisonAfter: 8,
  /** How often a look at records that are written meanwhile is begun anew; what is written then is known anyway. */
  lookTries: 3,
  /** How often the pause before the next attempt doubles where the server has not yet what an operation names. */
  missingSteps: 2,
  /** A write that hangs longer is overtaken: the message goes out and says that it is not durable. */
  slowWriteMs: 1_000,
  /** What the server would tell again is written with the next message, or this much later: after a crash before that it is asked again. */
  noteWithinMs: 50,
  /** A pending message is shown as delayed after this. */
  delayedAfterMs: 5_000,
  /** Without locks, a claim of another context is respected for this long. */
  claimLeaseMs: 15_000,

  // Tabs.
  /** Nothing that is due has moved for this long: the tab that should send it is taken for frozen. As long as an acknowledgement may take. */
  stealAfterMs: 10_000,
  /** Two tabs that both get nowhere must not take the lock from each other all the time. */
  stealEveryMs: 30_000,
  /** A hidden tab keeps its connection this long: who looks elsewhere for a moment waits for nothing when he comes back. */
  hiddenAfterMs: 5 * 60_000,

  // Sync and timeline.
  pageMessages: 200,
  /** The same where a room is caught up with. The server begins with fewer, and comes to this where the way is fast. */
  pageMost: 300,
  /** Pages the server may push ahead of what was committed: enough to fill a round trip, few enough to bound memory. */
  creditPages: 48,
  /** Further behind than this, show the newest page first and leave a gap. */
  jumpAfter: 500,
  /** Live frames that wait while a room syncs; past either bound they are dropped and paged again. */
  waitingFrames: 1_000,
  waitingBytes: 4 * 1024 * 1024,
  /** Messages in one stored record: IndexedDB costs per record, not per byte. */
  blockMessages: 128,
  /** Messages a timeline holds when it opens, and adds a step. */
  windowMessages: 100,
  /**
   * Messages in a list: what a reader asks for beyond that goes at the other end, and of what a room brings by itself the oldest half
   * goes. More than anybody scrolls over before the next step; few enough that a step costs a millisecond.
   */
  windowMost: 1_000,
  /** A message that reached the server this long after it was written is late. */
  lateAfterMs: 5_000,
  /** A wire subscription outlives its last reader by this: a component that mounts again finds it. */
  lingerMs: 1_000,
  /** So many messages that were told to `arrivals`, or twice as many, are not told again when a room is read again: more than a server loses that comes back with less. */
  arrivalsRemembered: 1_000,
  /** Pages that bring nothing before a room's sync stops with an error. */
  stuckPages: 3,
  /** Positions that a step of the log may cover beyond its entries. Some are hidden from a user; more than this is a wrong number, and all of it would be looked through later. */
  leapMost: 100_000,
  /** A stored position is asked for again this long after a page request went unanswered. */
  pageTimeoutMs: 10_000,

  // Storage.
  /** What is kept of the server's, as characters of JSON: months of talk, and far below what browsers give a page. */
  cacheBytes: 50 * 1024 * 1024,
  /** The whole is looked at each time so much was written. */
  cacheLookBytes: 1024 * 1024,
  /** A tab that opens a store greets the others then. */
  greetAfterMs: 100,
  /** How long a greeting may take: for so long a tab that knows of no other remembers what it would have told. */
  greetingMs: 10_000,
  /** Of an open and of a read: a page that is frozen elsewhere can keep both waiting for ever. */
  openTimeoutMs: 3_000,
  /** Losses of a store in a row: what is lost that often will be lost again. */
  reopenTimes: 3,
  /** ... but not for ever. */
  reopenAfterMs: 60_000,
  /** That a room was looked at is written at most this often: it costs a write, and an order of rooms needs no more. */
  useEveryMs: 60_000,

  // Tracing.
  traceEntries: 500,
} as const
