/** One message as the page shows it. */
export interface Shown {
  /** The number that it carries. */
  readonly n: number
  readonly status: string
}

/** What the page knows at one moment. */
export interface Look {
  /** The outbox and the room were read from the disk: what is shown is all that there is. */
  readonly isRead: boolean
  /** Why the page keeps nothing; null while it does. */
  readonly keepsNothing: string | null
  /** Everything was said to the server and heard from it. */
  readonly isSettled: boolean
  /** The whole room, from top to bottom. */
  readonly shown: readonly Shown[]
}

/** A step of the rhythm in which a page writes. */
export interface Beat {
  /** Pause before the message, ms; 0 is the same tick as the one before. */
  readonly afterMs: number
  readonly chars: number
}

/** What the page can be told to do. Its methods are called from outside, through the debugger. */
export interface TrialPage {
  /** Lets it connect: before that it has no token. */
  goOnline(): void
  /** Keeps from it what the server says of messages. */
  goDeaf(): void
  /** Writes one message a beat, numbered from `first`. */
  write(first: number, beats: readonly Beat[]): void
  look(): Promise<Look>
}

/** What the page says by itself: a message is on the device, or the server has it. */
export interface Told {
  readonly what: 'queued' | 'confirmed'
  readonly n: number
}

/** The name of the function by which it says so. */
export const TELL = 'tellTrial'
/** The name under which the page can be reached. */
export const PAGE = 'trialPage'
