import { type Groups, stillAtWork } from '../core/groups.js'
import { isNamed } from '../core/room-names.js'
import type { Clock } from '../core/seams.js'
import type { Link } from './link.js'
import { createMember, type RedisMember } from './member.js'
import { createRegistry, type Enrolled, type Registry } from './registry.js'
import { createRounds, eachRoom, type Rounds } from './rounds.js'
import { createTasks, type Tasks } from './tasks.js'

export interface GroupsOptions {
  readonly link: Pick<Link, 'call' | 'command'>
  readonly clock: Pick<Clock, 'after'>
  readonly prefix: string
  readonly node: string
  /** Server time; Redis's own without it. */
  readonly now: (() => number) | undefined
  /** How long a worker may be silent before its rooms are for others, ms. */
  readonly idleMs: number
  /** Tells the other nodes. */
  readonly tell: (news: string) => void
}

/** Groups on Redis, and what a node has to do for them. */
export interface RedisGroups extends Groups, Pick<Registry, 'wantedBy'> {
  /** Puts the room where workers of these groups look for it. What cannot be said now is found when all rooms are looked through. */
  dueFor(room: string, groups: readonly string[]): void
  /** What another node told. */
  heard(news: string): void
  /** Redis was out of reach, and may be another one than it was. */
  reconnected(): void
  close(): Promise<void>
}

/** The members of a group on this node. */
interface Crew {
  /** As it was when the first of them joined. */
  readonly group: Enrolled
  /** By what they want to be called for. */
  readonly members: Map<() => void, RedisMember>
  readonly rounds: Rounds
}

/** There is a group more or less; anything else that is told names one for which there is something to do. */
const GROUPS_CHANGED = ''
/** How often a node looks which groups there are, should it not have heard of one. */
const LEARN_MS = 30_000
/** After so many looks of one node, each other one has looked as well. */
const LOOKS = 2

export async function openGroups(options: GroupsOptions): Promise<RedisGroups> {
  const { link, clock, prefix, node, idleMs, tell } = options
  const registry = createRegistry(options)
  const crews = new Map<string, Crew>()
  /** Groups that some nodes may not know yet, and how many looks of this one until they do. */
  const fresh = new Map<string, number>()
  let count = 0

  const keyOf = (name: string) => `${prefix}:workers:${name}`
  const tasksOf = (name: string, member = node): Tasks =>
    createTasks({ link, key: keyOf(name), group: 'workers', node: member, idleMs })
  const wake = (name: string) => {
    for (const due of [...(crews.get(name)?.members.keys() ?? [])]) due()
  }
  const again = (name: string) => {
    wake(name)
    tell(name)
  }
  const addIfBehind = async (room: string, { name, rooms }: Enrolled, tasks: Tasks) => {
    if (!isNamed(rooms, room)) return
    const [isBehind] = await link.call('behind', room, name, String(idleMs))
    if (isBehind) await tasks.add(room)
  }
  const crewOf = (group: Enrolled): Crew => {
    const { name } = group
    const known = crews.get(name)
    if (known) return known
    const tasks = tasksOf(name)
    const rounds = createRounds({
      link,
      clock,
      prefix,
      prepare: tasks.prepare,
      // Whoever is told takes what there is.
      work: async () => wake(name),
      look: (room) => addIfBehind(room, group, tasks),
      failed: () => undefined,
    })
    const crew = { group, members: new Map<() => void, RedisMember>(), rounds }
    crews.set(name, crew)
    return crew
  }
  const leave = (name: string, crew: Crew, due: () => void) => {
    crew.members.delete(due)
    if (crew.members.size > 0 || crews.get(name) !== crew) return
    crews.delete(name)
    void crew.rounds.close()
  }
  /** Nobody is promised anything before the positions of all rooms are there. */
  const enter = async (group: Enrolled) => {
    const { name, rooms, made } = group
    await eachRoom({ link, prefix }, async (room) => {
      if (isNamed(rooms, room)) await link.call('enter', room, name, String(made))
    })
    await registry.settle(group)
  }

  /** Learns what there is, and makes anew what is needed here and is not there any more. */
  const learn = async () => {
    await registry.read()
    for (const [name, { group, rounds }] of crews) {
      if (registry.known.has(name)) continue
      await registry.restore(group)
      rounds.lookThrough()
      tell(GROUPS_CHANGED)
    }
  }
  /** What was written where nobody knew of a group was told to nobody. */
  const lookThrough = () => {
    for (const [name, looks] of fresh) {
      crews.get(name)?.rounds.lookThrough()
      if (looks > 1) fresh.set(name, looks - 1)
      else fresh.delete(name)
    }
  }
  const learnAgain = () => {
    lookThrough()
    learn()
      .catch(() => undefined)
      .finally(() => {
        if (!isClosed) cancelLearn = clock.after(LEARN_MS, learnAgain)
      })
  }
  let isClosed = false
  await registry.read()
  let cancelLearn = clock.after(LEARN_MS, learnAgain)

  return {
    wantedBy: registry.wantedBy,
    async join(group, due) {
      const { name } = group
      if (!registry.known.has(name)) fresh.set(name, LOOKS)
      const enrolled = await registry.enrol(group)
      tell(GROUPS_CHANGED)
      if (enrolled.state === 'entering') await enter(enrolled)
      count += 1
      const id = `${node}/${count}`
      const tasks = tasksOf(name, id)
      await tasks.prepare()
      const crew = crewOf(enrolled)
      const listener = () => due()
      const member = createMember({
        link,
        clock,
        tasks,
        group: () => registry.known.get(name) ?? enrolled,
        id,
        idleMs,
        again: () => again(name),
        left: () => leave(name, crew, listener),
      })
      crew.members.set(listener, member)
      // What is not found now is in the next round, in which those who have heard of the group tell what there is for it.
      crew.rounds
        .run()
        .catch(() => undefined)
        .finally(() => {
          if (fresh.has(name)) crew.rounds.lookThrough()
        })
      return member
    },
    async dismiss(name) {
      if (crews.has(name)) throw stillAtWork(name)
      const group = registry.known.get(name)
      await registry.remove(name)
      tell(GROUPS_CHANGED)
      await link.command('DEL', keyOf(name))
      await eachRoom({ link, prefix }, async (room) => {
        if (!group || isNamed(group.rooms, room)) await link.call('forget', room, name)
      })
    },
    dueFor(room, groups) {
      for (const name of groups)
        tasksOf(name)
          .add(room)
          .then(
            () => again(name),
            () => undefined,
          )
    },
    heard(news) {
      if (news === GROUPS_CHANGED) learn().catch(() => undefined)
      else wake(news)
    },
    reconnected() {
      for (const { rounds } of crews.values()) rounds.lookThrough()
      learn().catch(() => undefined)
    },
    async close() {
      isClosed = true
      cancelLearn()
      for (const { members } of crews.values()) for (const { silence } of members.values()) silence()
      await Promise.all([...crews.values()].map(({ rounds }) => rounds.close()))
    },
  }
}
