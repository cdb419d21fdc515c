import { WIRE } from 'tidings/protocol'
import { type Group, GroupError } from '../core/groups.js'
import type { Clock, Log, Random } from '../core/seams.js'
import type { Tell } from '../operating/events.js'
import type { Handle } from './batch.js'
import { type Consumer, startConsumer } from './consumer.js'

export interface ConsumeOptions {
  /** The rooms that are worked on: a name, or the beginning of names and `*`. All members of a group say the same. */
  readonly rooms: string
  /** Names those who share the work, wherever they run. */
  readonly group: string
  readonly handle: Handle
  /**
   * Where a group begins that is new, in rooms that have entries already: `head` (default) behind them, `start` with the first. Of a group that
   * exists it changes nothing.
   */
  readonly from?: 'head' | 'start'
  /** Entries handed over at once, at most, 1 to 1,000; fewer when they are large: 256 KiB. Default 100. */
  readonly batch?: number
  /** Rooms that this worker works on at once, at most. Default 10. */
  readonly atOnce?: number
}

/** Workers in server code, which have to see every entry. */
export interface Consumers {
  /**
   * Joins a group of workers. Each entry of its rooms is handed to one of them, in order within its room and at least once: also what was
   * written while none of them ran. Resolves when it works. Rejects with a GroupError when the group works on other rooms, what was asked is
   * wrong or the log knows no groups, and with the log's own error when it cannot be asked now.
   */
  consume(options: ConsumeOptions): Promise<Consumer>
  /**
   * Forgets a group that is not needed any more, with its positions. Rejects with a GroupError while it has workers here; on other nodes there
   * must be none either.
   */
  dismiss(group: string): Promise<void>
}

export interface ConsumersParts {
  readonly log: Log
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly tell?: Tell | undefined
}

const BATCH = 100
const BATCH_MOST = 1_000
const AT_ONCE = 10
const NAME = /^[^\p{Cc}\p{Cs}]+$/u

const checkName = (what: string, name: string) => {
  if (name.length > WIRE.idChars || !NAME.test(name))
    throw new GroupError(`${what} has 1 to ${WIRE.idChars} characters, no control characters.`)
}
const checkCount = (what: string, count: number, most: number) => {
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new GroupError(`${what} is a number from 1 to ${most}.`)
}

/** What an error may be called where nobody should read a body: its kind, and not its words. */
const kindOf = (cause: unknown): string => (cause instanceof Error ? cause.name : typeof cause)

/** Workers on a log. `close` resolves when no handler runs any more; the log has to be closed after it. */
export function createConsumers({
  log,
  clock,
  random,
  tell,
}: ConsumersParts): Consumers & { close(): Promise<void> } {
  /** Those that are joining as well: whoever ends all of them means these, too. */
  const consumers = new Set<Promise<Consumer>>()
  const groupsOf = () => {
    if (!log.groups) throw new GroupError('This log keeps no positions of groups.')
    return log.groups
  }
  return {
    async consume({ rooms, group: name, handle, from = 'head', batch = BATCH, atOnce = AT_ONCE }) {
      checkName('The name of a group', name)
      checkName('The name of rooms', rooms)
      checkCount('A batch', batch, BATCH_MOST)
      checkCount('How many rooms are worked on at once', atOnce, BATCH_MOST)
      const group: Group = { name, rooms, from }
      const starting = startConsumer({
        log,
        clock,
        random,
        groups: groupsOf(),
        group,
        batch,
        atOnce,
        handle,
        handed: ({ entries }, ms) => tell?.({ is: 'consumed', group: name, entries: entries.length, ms }),
        failed: (room, attempt, cause) =>
          tell?.({ is: 'unconsumed', group: name, room, attempt, error: kindOf(cause) }),
        untaken: (cause) => tell?.({ is: 'unconsumed', group: name, attempt: 1, error: kindOf(cause) }),
      })
      consumers.add(starting)
      const consumer = await starting.catch((cause: unknown) => {
        consumers.delete(starting)
        throw cause
      })
      return {
        async close() {
          await consumer.close()
          consumers.delete(starting)
        },
      }
    },
    dismiss: async (group) => groupsOf().dismiss(group),
    async close() {
      const ends = [...consumers].map((starting) =>
        starting.then(
          (consumer) => consumer.close(),
          // What could not join has nothing to end.
          () => undefined,
        ),
      )
      await Promise.all(ends)
    },
  }
}
