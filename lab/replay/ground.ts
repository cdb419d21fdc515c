import type { Random } from 'tidings/core'
import type { Row } from './verdict.js'

/** What servers hold, as it lies there. */
export interface LogReader {
  /** In the order of their positions. */
  rows(room: string): readonly Row[] | Promise<readonly Row[]>
  /** Rows over all rooms, known or not. */
  count(): number | Promise<number>
  close(): void | Promise<void>
}

/** The moment at which an outage may strike: operations have just been handed to a socket. */
export interface Moment {
  /** Operations at a server whose answer has not reached their client. */
  readonly unanswered: (url: string) => number
  readonly wait: (ms: number) => Promise<void>
  readonly random: Random
}

/** Something beside the clients that is broken on purpose, and comes back. */
export interface Outage {
  /** In a run of so many messages. */
  times(messages: number): number
  /** Resolves with true when it is back; with false when this was not a moment for it, and nothing was done: it is tried again at the next. */
  strike(moment: Moment): Promise<boolean>
}

/** What the clients talk to, and what keeps what they say. */
export interface Ground {
  /** Of the servers; each serves everybody. */
  readonly urls: readonly [string, ...string[]]
  readonly outages: readonly Outage[]
  /** Servers killed so far. */
  readonly serverKills: number
  start(): Promise<void>
  token(user: string): Promise<string>
  /** Asks the servers to leave. What they hold can be read from then on, until it is closed. */
  stop(): Promise<void>
  openLog(): Promise<LogReader>
  /** Ends all that is left. */
  close(): Promise<void>
}
