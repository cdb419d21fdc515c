import { WIRE } from 'tidings/protocol'
import type { Allowance, Quota } from './quotas.js'

/** The numbers a server runs by. Times in ms, sizes in bytes, rates per second. */
export interface ServerLimits {
  /** From opening to a hello; the token's check included. */
  readonly helloMs: number
  /** Silence after which the server pings, and how long it waits for any sign of life then. */
  readonly pingIntervalMs: number
  readonly pingTimeoutMs: number
  /** How long before its token ends a client is told. */
  readonly tokenWarningMs: number
  /** Rooms one connection may follow. */
  readonly roomsPerConnection: number
  readonly connectionsPerUser: number
  /** Durable operations of one connection; `null` switches every rate limit off. */
  readonly rate: { readonly perSecond: number; readonly burst: number } | null
  /** Over all connections of an address or a user, and all nodes; not counted where `rate` is null. */
  readonly quotas: Readonly<Record<Quota, Allowance>>
  /** Frames of any kind, known or not: what a flood of pings or of invented types runs into. */
  readonly frameRate: { readonly perSecond: number; readonly burst: number }
  /** Operations of one connection that may wait for their commit. */
  readonly operationsInFlight: number
  /** A client that has this much unread is closed with 4002 and resumes by cursor. */
  readonly bufferedBytes: number
  /** Pages are not pushed and starts of typing not told while this much is unread, so that neither makes a client a slow one. */
  readonly pageBufferedBytes: number
  /** How long a held-back page waits at most until it looks again whether it may go. */
  readonly pageRetryMs: number
  /** Page streams that wait for credit on one connection. */
  readonly streamsPerConnection: number
  /** The newest entries of a room that answer those who come back, at most 200, and characters of their bodies: both for each room. */
  readonly recentEntries: number
  readonly recentChars: number
  /** In rooms that more connections follow, nobody is told who types: each start would cost a frame for every one of them. */
  readonly typingConnections: number
  /** In rooms that more connections follow, events are told this much later, ms, all of that time at once: a write costs more than a frame. */
  readonly gatherConnections: number
  readonly gatherMs: number
  /** Rooms in which one connection may type at once; a person does so in one. */
  readonly typingRooms: number
  /** Users, and rooms, whose presence one connection may watch. */
  readonly watchedUsers: number
  readonly watchedRooms: number
  /** In a room with more people than this, only their number is told: each of them coming and going would cost a frame for all others. */
  readonly presenceRoomUsers: number
  /** Having told of presence, a server gathers for this long what changes: somebody who changes all the time costs those who watch little. */
  readonly presenceRestMs: number
  /** How often open connections are said to be alive, for how long that counts, and how long one that left still counts. */
  readonly presenceBeatMs: number
  readonly presenceTtlMs: number
  readonly presenceGraceMs: number
  /** How long hidden positions may wait before a `skip` tells of them. */
  readonly skipMs: number
  /** Connections that this server can take back in a second: the slots of a drain and `reconnectWindow` come from it. */
  readonly acceptPerSecond: number
  /** How long a drain waits for operations in flight. */
  readonly drainMs: number
}

export const SERVER_LIMITS: ServerLimits = {
  helloMs: 10_000,
  pingIntervalMs: 25_000,
  pingTimeoutMs: 10_000,
  tokenWarningMs: 10_000,
  roomsPerConnection: 256,
  connectionsPerUser: 64,
  // A lane sends arrays of 50: two at once, then one a second. An outbox of 1,000 is empty within 20 s.
  rate: { perSecond: 50, burst: 100 },
  quotas: {
    // An office behind one address is many users, who all come back at once after a restart.
    attempts: { points: 600, seconds: 10 },
    connections: { points: 600, seconds: 60 },
    operations: { points: 2_000, seconds: 20 },
    // A poll each second is far below it.
    requests: { points: 100, seconds: 10 },
    // As many as another system has, as long as it does not run wild.
    changes: { points: 5_000, seconds: 10 },
  },
  frameRate: { perSecond: 200, burst: WIRE.framesPerArray },
  operationsInFlight: 2_000,
  bufferedBytes: 1024 * 1024,
  pageBufferedBytes: 256 * 1024,
  pageRetryMs: 20,
  streamsPerConnection: 512,
  recentEntries: 200,
  recentChars: 64 * 1024,
  typingConnections: 500,
  gatherConnections: 2_000,
  gatherMs: 100,
  typingRooms: 16,
  watchedUsers: 512,
  watchedRooms: 64,
  presenceRoomUsers: 200,
  presenceRestMs: 100,
  presenceBeatMs: 25_000,
  presenceTtlMs: 75_000,
  presenceGraceMs: 15_000,
  skipMs: 1_000,
  acceptPerSecond: 2_000,
  drainMs: 5_000,
}

/** Most logs remember every operation for ever; a hundred years stand for that on the wire. */
export const DEDUPE_FOR_EVER_MS = 100 * 365 * 24 * 60 * 60_000

/** What stands in `welcome` when no rate is limited: clients pump as fast as they can. */
export const UNLIMITED_RATE = { perSecond: 1_000_000, burst: 1_000_000 } as const

/** The longest wait that every platform's timer takes; longer ones are made of several. */
export const LONGEST_TIMER_MS = 24 * 60 * 60_000
