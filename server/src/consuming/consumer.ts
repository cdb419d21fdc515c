import type { Group, Groups, Member } from '../core/groups.js'
import { createSlots } from './slots.js'
import { startWork, type Work, type WorkOptions } from './work.js'

/** Rooms held at once at most, those included that wait for another attempt. */
const HELD_MOST = 1_000
/** Until rooms are taken again after that has failed. */
const RETRY_MS = 1_000

export interface ConsumerParts extends Omit<WorkOptions, 'slots'> {
  readonly groups: Groups
  readonly group: Group
  /** Rooms worked on at once at most. */
  readonly atOnce: number
  /** Rooms could not be taken now. It is tried again. */
  readonly untaken: (cause: unknown) => void
}

/** A worker of a group. */
export interface Consumer {
  /** Takes no more; resolves when no handler of it runs any more and its rooms are for others. */
  close(): Promise<void>
}

/** Joins a group and works on what it gives, room by room. */
export async function startConsumer(parts: ConsumerParts): Promise<Consumer> {
  const { groups, group, atOnce, clock, untaken } = parts
  const slots = createSlots(atOnce)
  const works = new Set<Work>()
  let member: Member | undefined
  let pulling: Promise<void> | undefined
  let isDue = false
  let closed: Promise<void> | undefined
  let cancelRetry = () => {}

  const room = () => Math.min(slots.free, HELD_MOST - works.size)
  const start = (work: Work) => {
    works.add(work)
    void work.ended.then(() => {
      works.delete(work)
      pull()
    })
  }
  const takeAll = async () => {
    while (member && isDue && !closed && room() > 0) {
      isDue = false
      const holds = await member.take(room())
      // There may be more.
      if (holds.length > 0) isDue = true
      for (const hold of holds) start(startWork(hold, { ...parts, slots }))
    }
  }
  const pull = () => {
    pulling ??= takeAll()
      .catch((cause: unknown) => {
        untaken(cause)
        if (!closed) cancelRetry = clock.after(RETRY_MS, due)
      })
      .finally(() => {
        pulling = undefined
        if (isDue && !closed && room() > 0) pull()
      })
  }
  const due = () => {
    isDue = true
    if (member) pull()
  }
  const end = async () => {
    cancelRetry()
    await pulling
    for (const { stop } of works) stop()
    await Promise.all([...works].map(({ ended }) => ended))
    await member?.leave()
  }
  member = await groups.join(group, due)
  due()
  return {
    close() {
      closed ??= end()
      return closed
    },
  }
}
