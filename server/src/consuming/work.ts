import type { Hold } from '../core/groups.js'
import type { Clock, Log, Random } from '../core/seams.js'
import type { Batch, Handle } from './batch.js'
import { readNext } from './reading.js'
import type { Slots } from './slots.js'

export interface WorkOptions {
  readonly log: Pick<Log, 'page'>
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly slots: Slots
  /** Entries handed over at once at most. */
  readonly batch: number
  readonly handle: Handle
  readonly handed: (batch: Batch, ms: number) => void
  /** The batch or the log failed for the nth time in a row, from 1. */
  readonly failed: (room: string, attempt: number, cause: unknown) => void
}

/** A room that is being worked on. */
export interface Work {
  /** Resolves when nothing of it runs any more and the room was given back; never rejects. */
  readonly ended: Promise<void>
  /** Ends it behind the batch that is being handed over now. */
  stop(): void
}

/** Batches of one room until others have their turn. */
const TURN = 20
const BACKOFF_FROM_MS = 250
const BACKOFF_MOST_MS = 30_000

/** How long to wait before the next attempt: twice as long each time, up to a bound, and between half of that and all of it. */
const backoffMs = (attempt: number, { next }: Pick<Random, 'next'>): number =>
  Math.min(BACKOFF_MOST_MS, BACKOFF_FROM_MS * 2 ** (attempt - 1)) * (0.5 + next() / 2)

/** What can be cut short once and for all. */
function createStop(clock: Pick<Clock, 'after'>) {
  let isStopped = false
  let wake = () => {}
  return {
    stop() {
      isStopped = true
      wake()
    },
    isStopped: () => isStopped,
    wait: (ms: number) =>
      new Promise<void>((resolve) => {
        const cancel = clock.after(ms, resolve)
        wake = () => {
          cancel()
          resolve()
        }
      }),
  }
}

/** Hands a room over, batch after batch, until nothing is left of it, others have to have their turn, or somebody else has it. */
export function startWork(hold: Hold, options: WorkOptions): Work {
  const { log, clock, random, slots, batch, handle, handed, failed } = options
  const { room } = hold
  const { stop, isStopped, wait } = createStop(clock)
  let position = hold.position

  /** False when there is nothing more to do here. */
  const handOver = async (): Promise<boolean> => {
    const next = await readNext(log, room, position, batch)
    if (!next) return false
    const { position: reached, ...given } = next
    const start = clock.now()
    await handle(given)
    handed(given, Math.max(0, clock.now() - start))
    position = reached
    return hold.move(position)
  }
  const inSlot = async (work: () => Promise<boolean>): Promise<boolean> => {
    await slots.enter()
    try {
      return !isStopped() && (await work())
    } finally {
      slots.leave()
    }
  }
  /** After a wait somebody else may have the room. What was acknowledged and could not be kept is kept now. */
  const handOverAgain = async () => (await hold.move(position)) && handOver()
  const run = async () => {
    let attempt = 0
    for (let batches = 0; batches < TURN && !isStopped(); ) {
      try {
        if (!(await inSlot(attempt === 0 ? handOver : handOverAgain))) return
        attempt = 0
        batches += 1
      } catch (cause) {
        attempt += 1
        failed(room, attempt, cause)
        if (!isStopped()) await wait(backoffMs(attempt, random))
      }
    }
  }
  // A room that cannot be given back now is found to be nobody's by itself.
  return { stop, ended: run().then(() => hold.giveBack().catch(() => undefined)) }
}
