import type { Clock } from '../core/seams.js'
import { keyOf, type Link, roomOf } from './link.js'

export interface RoundsOptions {
  readonly link: Pick<Link, 'command'>
  readonly clock: Pick<Clock, 'after'>
  readonly prefix: string
  /** Makes the list of tasks where there is none; true when there was none: then nobody knows any more what is to be done. */
  readonly prepare: () => Promise<boolean>
  /** Does what there is to do. */
  readonly work: () => Promise<void>
  /** Whether there is something to do in a room may not have been told to anybody. */
  readonly look: (room: string) => Promise<void>
  /** Told why something could not be done now. It is tried again. */
  readonly failed: (cause: unknown) => void
}

/** What a node does again and again for the rooms of all nodes. */
export interface Rounds {
  /** Does what there is to do now. Rejects when it cannot. */
  run(): Promise<void>
  /** Redis may have come back with less: somebody may have been told of a room, and nobody knows of it any more. */
  lookThrough(): void
  readonly isClosed: boolean
  /** Resolves when nothing is being done any more. */
  close(): Promise<void>
}

/** How often tasks are looked for. */
const LOOK_MS = 1_000
/** How often all rooms are looked through, for what a node that died has told nobody. */
const SWEEP_MS = 10 * 60_000
/** Rooms that are looked at in one go. */
const SCANNED = '500'

/** Looks at every room that has entries, some at once, for as long as it is to go on. */
export async function eachRoom(
  { link, prefix }: Pick<RoundsOptions, 'link' | 'prefix'>,
  look: (room: string) => Promise<void>,
  goesOn: () => boolean = () => true,
): Promise<void> {
  let cursor = '0'
  do {
    const found = await link.command('SCAN', cursor, 'MATCH', `${keyOf(prefix, '*')}:m`, 'COUNT', SCANNED)
    const [next, keys] = Array.isArray(found) ? found : []
    await Promise.all((Array.isArray(keys) ? keys : []).map((key) => look(roomOf(prefix, String(key)))))
    cursor = String(next)
  } while (cursor !== '0' && goesOn())
}

export function createRounds(options: RoundsOptions): Rounds {
  const { clock, prepare, work, look, failed } = options
  let isClosed = false
  let isSwept = false
  let running: Promise<void> | undefined

  const sweep = () => eachRoom(options, look, () => !isClosed)
  /** At the beginning all rooms may be due, and when Redis came back without the list of tasks. */
  const sweepOnce = async () => {
    const isNew = await prepare()
    if (isSwept && !isNew) return
    isSwept = true
    await sweep().catch((cause: unknown) => {
      isSwept = false
      throw cause
    })
  }
  const run = (): Promise<void> => {
    running ??= sweepOnce()
      .then(work)
      .finally(() => {
        running = undefined
      })
    return running
  }
  const report = (cause: unknown) => {
    if (!isClosed) failed(cause)
  }
  const lookAgain = () =>
    run()
      .catch(report)
      .finally(() => {
        if (!isClosed) cancelLook = clock.after(LOOK_MS, lookAgain)
      })
  const sweepAgain = () => {
    sweep().catch(report)
    cancelSweep = clock.after(SWEEP_MS, sweepAgain)
  }
  let cancelLook = clock.after(LOOK_MS, lookAgain)
  let cancelSweep = clock.after(SWEEP_MS, sweepAgain)

  return {
    run,
    lookThrough() {
      isSwept = false
    },
    get isClosed() {
      return isClosed
    },
    async close() {
      isClosed = true
      cancelLook()
      cancelSweep()
      await running?.catch(() => undefined)
    },
  }
}
