import { type Position, positionOf, rangeAt } from './ranges.js'
import type { StoredMessage } from './record.js'
import type { RoomDisk } from './room-disk.js'
import type { Window } from './window.js'

export interface OvertakingParts {
  readonly disk: RoomDisk
  readonly window: Window
  /** Undefined when the disk was cut meanwhile, and looked at again. */
  readonly read: (from: number, upTo: number) => Promise<readonly StoredMessage[] | undefined>
  /** Takes the disk as it is. */
  readonly lookAgain: () => Promise<void>
  /** Whether the disk was cut since the window was read from it. */
  readonly isCut: () => boolean
  /** Runs it when nothing else is written or read. */
  readonly queue: (run: () => Promise<void>) => Promise<void>
  /** Messages that this tab had not seen. */
  readonly onFound: (messages: readonly StoredMessage[]) => void
  /** Where the window stands now. */
  readonly onMoved: (end: Position) => Promise<void>
}

/**
 * Takes what another tab brought to the disk into the window, as long as nobody else brings it to this one. What the window has stays, the
 * same objects. At most one look waits: it sees all that was written until then. Where the disk does not answer, the next news is awaited.
 */
export function createOvertaking(parts: OvertakingParts): (isAlone: () => boolean) => void {
  const { disk, window } = parts
  let isDue = false

  async function look(isAlone: () => boolean): Promise<void> {
    isDue = false
    if (!disk.isWhole()) return
    // Also where the server brings it: another store may have taken the place of the one that was known. One that was cut is left to
    // whoever reads or writes next: what is shown is better than nothing.
    const stood = window.position()
    const isUncut = (await disk.isUncut()) && !parts.isCut()
    if (!isUncut) return stood || !isAlone() ? undefined : parts.lookAgain()
    const { ranges } = disk.state()
    const end = positionOf(ranges)
    if (!isAlone() || !end || end.cursor === stood?.cursor) return
    if (!stood || end.seq <= stood.seq) return parts.lookAgain()
    const held = await parts.read(window.from(), end.seq)
    if (!held || !isAlone()) return
    const news = { after: Math.max(stood.seq, ranges.at(-1)?.after ?? 0), upTo: end.seq }
    // What else the disk has in between, the window does not hold without holes.
    const spans = [...window.spans(), news]
    window.put(
      held.filter(({ seq }) => rangeAt(spans, seq)),
      news,
    )
    window.stand(end)
    window.trim()
    const found = held.filter(({ seq }) => seq > stood.seq)
    if (found.length > 0) parts.onFound(found)
    await parts.onMoved(end)
  }

  return (isAlone) => {
    if (isDue) return
    isDue = true
    parts.queue(() => look(isAlone)).catch(() => undefined)
  }
}
