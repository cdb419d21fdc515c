import type { Hold, Member } from '../core/groups.js'
import type { Clock } from '../core/seams.js'
import type { Link } from './link.js'
import type { Enrolled } from './registry.js'
import type { Task, Tasks } from './tasks.js'

export interface MemberOptions {
  readonly link: Pick<Link, 'call'>
  readonly clock: Pick<Clock, 'after'>
  readonly tasks: Tasks
  /** The group as it is known now. */
  readonly group: () => Enrolled
  /** Names the member among all of the group. */
  readonly id: string
  /** After so many ms without a word of the member, its rooms are for others. */
  readonly idleMs: number
  /** There is something to take, for any member. */
  readonly again: () => void
  readonly left: () => void
}

/** A room that is held, and the task that says so to those who look for what others have left. */
interface Lease {
  readonly task: Task
  /** Differs for each time that the room is taken. */
  readonly holder: string
}

/** A member, and a way to have it say nothing any more. */
export interface RedisMember extends Member {
  silence(): void
}

/** How often within its time a member says that it lives. */
const BEATS = 3

/** A worker on Redis: its rooms are tasks of a consumer group, and a lease keeps everybody else away from each. */
export function createMember(options: MemberOptions): RedisMember {
  const { link, clock, tasks, group, id, idleMs, again, left } = options
  const { call } = link
  const leases = new Set<Lease>()
  let count = 0

  const keep = async ({ task, holder }: Lease, ...position: readonly string[]): Promise<boolean> => {
    const [kept] = await call('keep', task.room, group().name, holder, String(idleMs), ...position)
    return kept === '1'
  }
  const giveBack = async (lease: Lease) => {
    const { task, holder } = lease
    leases.delete(lease)
    const [left] = await call('release', task.room, group().name, holder)
    if (left === 'more') await tasks.add(task.room)
    // Whoever has taken the room away has taken the task as well.
    if (left) await tasks.done(task)
    if (left === 'more') again()
  }
  /** Undefined when somebody else has the room. Then the task stays where it is: whoever has the room may die. */
  const hold = async (task: Task): Promise<Hold | undefined> => {
    const { name, state, made } = group()
    count += 1
    const lease = { task, holder: `${id}/${count}` }
    const lost = state === 'again' ? String(made) : ''
    const [held, position] = await call('lease', task.room, name, lease.holder, String(idleMs), lost)
    if (!held) return undefined
    leases.add(lease)
    return {
      room: task.room,
      position,
      move: (moved) => (moved === undefined ? keep(lease) : keep(lease, moved)),
      giveBack: () => giveBack(lease),
    }
  }
  const beat = async (lease: Lease) => {
    // First the lease: who finds the task finds the room free.
    if (await keep(lease)) await tasks.renew(lease.task)
  }
  const beatAgain = () => {
    for (const lease of leases) beat(lease).catch(() => undefined)
    cancelBeat = clock.after(idleMs / BEATS, beatAgain)
  }
  let cancelBeat = clock.after(idleMs / BEATS, beatAgain)

  const silence = () => cancelBeat()
  return {
    silence,
    async take(most) {
      const tried = await Promise.allSettled((await tasks.take(most)).map(hold))
      const holds = tried.flatMap((each) => (each.status === 'fulfilled' ? (each.value ?? []) : []))
      // Those that could be taken are leased by now, and nobody else gets them. The others are found to be nobody's by themselves.
      const failed = tried.find((each) => each.status === 'rejected')
      if (failed && holds.length === 0) throw failed.reason
      return holds
    },
    async leave() {
      silence()
      left()
      await tasks.retire().catch(() => undefined)
    },
  }
}
