import type { LogEntry } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'
import type { Gap } from '../message.js'
import type { Clock } from '../seams/clock.js'
import { createIntake, type Intake } from './intake.js'
import type { Log, Stretch } from './log.js'
import { type Newest, readAgain, readNewest, type Unseen } from './newest.js'
import { createOvertaking } from './overtaking.js'
import { gapsBetween, type Position, positionOf, rangeOf } from './ranges.js'
import type { StoredMessage, StoredRange } from './record.js'
import { createRoomDisk, type RoomDisk } from './room-disk.js'
import { copyOf, type Fall } from './room-state.js'
import { createSeek, type Seek } from './seek.js'
import { createSight, type Sight } from './sight.js'
import { createTasks } from './tasks.js'
import { createWindow, type Window } from './window.js'

export interface KeeperParts {
  readonly room: string
  readonly user: string
  readonly log: Log
  readonly clock: Clock
  readonly serverNow: () => number
  /** Whether an entry is shown as confirmed already: it is written with what comes next, or within a moment. */
  readonly isSeen: (entry: LogEntry) => boolean
  /** Entries were applied, in one row from behind `after` (null: they do not follow), to the disk if it could, and to the window. */
  readonly onApplied: (entries: readonly LogEntry[], after: number | null) => void
  /** Entries of the past were applied. */
  readonly onFilled: (entries: readonly LogEntry[]) => void
  /** Messages that this context had not seen were on the disk: another one wrote them, or a write that was given up was done. */
  readonly onFound: (messages: readonly StoredMessage[]) => void
  /** Another context cut the disk back and brought what stands there now: of what this one knew there, the server has lost the rest. */
  readonly onReplaced: (stands: Unseen) => void
  /** What is shown changed. */
  readonly onChange: () => void
  /** The disk stands elsewhere than this tab: it was read again, and the server has to be asked from there. */
  readonly onElsewhere: () => void
  readonly onError: (cause: unknown) => void
  /** A stamp of the server's was read from disk. */
  readonly onStamp: (stamp: string) => void
}

/** One room's replica on disk and in memory, kept in step: one write at a time, the window after the disk. */
export interface Keeper extends Intake {
  /** What follows the room, whether or not it is in sight. */
  readonly window: Window
  /** What is in sight of the reader. */
  view(): Window
  /** Whether that stands in the past. */
  isPast(): boolean
  /** A message that is in memory, by either of its ids. */
  get(id: string): StoredMessage | undefined
  /** Brings the newest end into sight, in this tick. */
  toNewest(): void
  /** Whether the disk was read. */
  isLoaded(): boolean
  load(): Promise<void>
  /** The disk may hold other things than it did. They are shown while nothing else brings them: `isAlone`. */
  look(isAlone: () => boolean): void
  /** Where the replica will stand when all that was taken is applied; null when nothing is known of the room. */
  ahead(): Position | null
  /** Takes entries that follow `ahead()` without a hole. */
  follow(entries: readonly LogEntry[], end: Position): void
  /** How often the disk had been cut when it was looked at last. */
  cuts(): number
  /** How often the log fell back, and how deep, as far as the disk knows. */
  falls(): readonly Fall[]
  /** Names the copy on disk as it was looked at last. */
  copy(): string
  /** Falls back to a position that the server recognised, or to nothing; a disk that never stood there is read again instead. */
  cut(end: Position | null): Promise<void>
  /** Forgets the room, on disk and in memory. */
  drop(): Promise<void>
  /** A step of the sight from what the disk holds. False when there is none, or the disk cannot be read now. */
  step(to: 'older' | 'newer' | 'overOlder' | 'overNewer'): Promise<boolean>
  /** Fills an end of a gap from what the disk holds. */
  within(gap: Gap, from: 'newer' | 'older'): Promise<boolean>
  /** Brings a position that is held into sight. False when it is not held, or not wanted any more. */
  open(seq: number, isWanted: () => boolean, guest?: StoredMessage): Promise<boolean>
  /** Finds places in what is held. */
  readonly seek: Seek
  /** Lets all but the newest step go from memory: it is on disk for whoever comes back. */
  rest(): Promise<void>
  /** The range that the lower end of a window stands on; of the one in sight, unless another is named. */
  lowest(window?: Window): StoredRange | undefined
  ranges(): readonly StoredRange[]
  edges(): readonly Position[]
  /** Gaps that lie inside what is in sight, oldest first. */
  gaps(): readonly Gap[]
  /** Nothing is written any more that was not begun. */
  stop(): void
  /** Lets go of everything in memory. */
  forget(): void
}

/** Of what follows the room, the past takes only what concerns its messages. */
const NOTHING = { after: 0, upTo: 0 }

export function createKeeper(parts: KeeperParts): Keeper {
  const disk = createRoomDisk(parts.room, parts.log, parts.onError)
  const window = createWindow(parts.user)
  const { ranges, ...standing } = standingOf(disk)
  const isCut = (): boolean => standing.copy() !== copy
  let loaded: Promise<void> | undefined
  let isLoaded = false
  let next: Position | null = null
  /** The copy on disk that the window was read from. */
  let copy: string | undefined
  const { follow, queue, forgetFollowing, stop } = createTasks({ ...parts, write })
  const sight = createSight({ ...parts, newest: window, ranges, read: readUncut, isOnDisk: disk.isWhole })

  async function readUncut(from: number, upTo: number): Promise<readonly StoredMessage[] | undefined> {
    const messages = await disk.read(from, upTo)
    if (await disk.isUncut()) return messages
    await lookAgain()
    return undefined
  }

  /** The window held nothing, and begins with what was written just now. */
  function begin(from: number): void {
    copy = standing.copy()
    window.reset(from, null, [])
  }

  /** False when something was on its way that followed the window of before, and has to come again. */
  function show(newest: Newest): boolean {
    const isQuiet = next?.cursor === window.position()?.cursor
    copy = newest.copy
    window.reset(newest.from, newest.position, newest.messages)
    stand(newest.position)
    return isQuiet
  }

  /** What is on its way does not follow any more. */
  function stand(position: Position | null): void {
    forgetFollowing()
    next = position
  }

  async function reread(): Promise<void> {
    const { newest, unseen } = await readAgain(disk, window, copy)
    const { peak } = disk.state()
    if (peak) parts.onStamp(peak)
    const found = unseen?.messages.filter(({ messageId }) => !window.get(messageId)) ?? []
    show(newest)
    if (found.length > 0) parts.onFound(found)
    if (unseen?.isCut) parts.onReplaced(unseen)
    await sight.refresh()
  }

  async function load(): Promise<void> {
    await reread().catch(parts.onError)
    isLoaded = true
    parts.onChange()
  }

  /** The disk is not what the window was read from: another tab cut it back, or it stands elsewhere. */
  async function lookAgain(): Promise<undefined> {
    try {
      await reread()
    } catch (cause) {
      // It is looked at again with the next write: the window stays where it is, and what follows that is asked for anew.
      stand(window.position())
      parts.onError(cause)
    }
    parts.onChange()
    parts.onElsewhere()
  }

  async function write(stretch: Stretch): Promise<number | undefined> {
    const { from, entries, end } = stretch
    if (from?.cursor === end.cursor) return undefined
    const outcome = await disk.follow(stretch)
    if (!from && outcome !== 'behind') begin(1)
    if (outcome === 'behind' || isCut()) return lookAgain()
    const beganMs = parts.clock.now()
    window.follow(entries, end)
    sight.fill(entries, NOTHING)
    parts.onApplied(entries, from?.seq ?? 0)
    // What left memory could not be read from a disk that has not got it.
    if (disk.isWhole()) window.trim()
    parts.onChange()
    return parts.clock.now() - beganMs
  }

  const look = createOvertaking({
    ...{ disk, window, queue, lookAgain, isCut, read: readUncut, onFound: parts.onFound },
    async onMoved(end) {
      stand(end)
      await sight.refresh()
      parts.onChange()
    },
  })

  /** Moves what is in sight. False when the disk cannot be read now. */
  async function move(how: () => Promise<boolean>): Promise<boolean> {
    const moved = await queue(async () => {
      if (disk.isWhole() && !(await disk.isUncut())) await lookAgain()
      return how()
    }).catch(parts.onError)
    if (moved) parts.onChange()
    return moved ?? false
  }

  function forget(): void {
    sight.leave()
    window.reset(1, null, [])
    stand(null)
    parts.onChange()
  }

  return {
    ...{ window, ranges, stop, look, view: sight.shown, isPast: sight.isPast },
    ...{ isLoaded: () => isLoaded, ahead: () => next, ...standing },
    get: (id) => sight.shown().get(id) ?? window.get(id),
    toNewest() {
      if (sight.leave()) parts.onChange()
    },
    load() {
      loaded ??= load()
      return loaded
    },
    follow(entries, end) {
      follow({ from: next, entries, end, passed: [] })
      next = end
    },
    ...createIntake({ ...parts, disk, window, sight, queue, lookAgain, stand, begin, ahead: () => next }),
    cut: (end) =>
      queue(async () => {
        if (!(await disk.cut(end, parts.serverNow()))) return lookAgain()
        show(await readNewest(disk))
        await sight.refresh()
        parts.onChange()
      }),
    drop: () =>
      queue(async () => {
        await disk.drop()
        copy = standing.copy()
        forget()
      }),
    forget() {
      forget()
      // Again after what is being read.
      void queue(async () => forget())
    },
    ...waysThrough(sight, move),
    ...bordersOf(sight, ranges),
    seek: createSeek({ user: parts.user, ranges, read: disk.read, search: disk.search }),
    rest: () =>
      queue(async () => {
        if (sight.leave()) parts.onChange()
        // The window goes on where it stood, so the disk has to stand there too.
        const isThere = positionOf(ranges())?.cursor === window.position()?.cursor
        if (!disk.isWhole() || !isThere || window.size() <= LIMITS.blockMessages) return
        if (!show(await readNewest(disk))) parts.onElsewhere()
        parts.onChange()
      }),
  }
}

/** The steps of a sight, each in its turn. */
const waysThrough = (
  sight: Sight,
  move: (how: () => Promise<boolean>) => Promise<boolean>,
): Pick<Keeper, 'step' | 'within' | 'open'> => ({
  step: (to) => move(sight[to]),
  within: (gap, from) => move(() => sight.within(gap, from)),
  open: (seq, isWanted, guest) => move(() => sight.open(seq, isWanted, guest)),
})

/** How the room stands on disk, as it was looked at last. */
const standingOf = (disk: RoomDisk): Pick<Keeper, 'ranges' | 'edges' | 'cuts' | 'falls' | 'copy'> => ({
  ranges: () => disk.state().ranges,
  edges: () => disk.state().edges,
  cuts: () => disk.state().cuts ?? 0,
  falls: () => disk.state().falls ?? [],
  copy: () => copyOf(disk.state()),
})

/** Where what is in sight ends, and where it has holes. */
const bordersOf = (sight: Sight, ranges: () => readonly StoredRange[]): Pick<Keeper, 'lowest' | 'gaps'> => ({
  lowest: (of = sight.shown()) => rangeOf(ranges(), of.from()),
  gaps: () => gapsBetween(sight.shown().spans(), sight.shown().from()),
})
