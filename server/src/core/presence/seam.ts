import type { ClientFrames, PresenceEntry } from 'tidings/protocol'

/** What a connection says of its user, as the last of its `presence` frames had it. */
export interface Said extends Omit<ClientFrames['presence'], 'type' | 'watch' | 'status'> {
  readonly status: PresenceEntry['status']
}

/** Somebody is shown differently. */
export interface PresenceChange {
  readonly user: string
  /** Whether their entry is not what it was; otherwise only where they are. */
  readonly entry: boolean
  /** Rooms whose list of people is not what it was. */
  readonly rooms: readonly string[]
}

/** Who is in a room. `users` is left out where there are more than were asked for. */
export interface RoomPresence {
  readonly count: number
  readonly users?: readonly PresenceEntry[]
}

/** Which people to tell of. */
export interface OnlineAsk {
  /** Only those who are in this room, or were when they were last seen. */
  readonly room?: string
  /** Those as well who are gone now and were seen at or after this time, ms since the epoch. */
  readonly since?: number
}

/**
 * Who is there. The law, which `server/test/presence-laws.ts` checks on every implementation:
 * - A user is shown as their strongest connection: busy, then online, away, offline. One that said nothing counts as online.
 *   Words, device and room are those of the strongest connection, of several alike the one that spoke last.
 * - A connection counts while it is beaten: one that is not heard of for the time to live counts no more, until it is beaten again.
 * - A connection that left counts for the grace, so that a reload is no departure; what it said counts only until another connection of
 *   the user speaks.
 * - Somebody who says `offline` is shown as gone: in no room, and last seen when they said it.
 * - `ver` of a user rises with every change of what is shown, also over a restart of everything; `lastSeen` alone is no change.
 * - `follow` tells of each change once, after it can be asked for. Waits count elapsed time: a jump of the wall clock moves nobody.
 * - What is kept of those who are gone is bounded. Somebody nobody knows is `offline` with `lastSeen: 0`.
 */
export interface Presence {
  enter(session: string, user: string): void
  say(session: string, said: Said): void
  /** The connection follows a room, or does not any more. */
  join(session: string, room: string): void
  part(session: string, room: string): void
  /** Signs of life of connections. */
  beat(sessions: Iterable<string>): void
  /** The connection is gone; its last sign of life came at `seenAt`, ms since the epoch. */
  leave(session: string, seenAt: number): void
  /** A user was sent out of a room: no connection of theirs is in it any more, gone ones included. */
  expel(user: string, room: string): void
  of(users: readonly string[]): Promise<readonly PresenceEntry[]>
  inRoom(room: string, atMost: number): Promise<RoomPresence>
  /** Rooms that connections of the user are in, or were in when they were last seen. */
  roomsOf(user: string): Promise<readonly string[]>
  online(ask: OnlineAsk): Promise<readonly PresenceEntry[]>
  follow(listener: (change: PresenceChange) => void): () => void
  /** Forgets everything and stops every timer. */
  close(): void
}
