import { type Group, otherRooms } from '../core/groups.js'
import { isNamed } from '../core/room-names.js'
import type { Link } from './link.js'
import { FIELD } from './record.js'

/**
 * How a group stands: `entering`, its first positions are being written, behind what rooms have; `settled`, a room without a position begins
 * with its first entry; `again`, it was made anew because Redis had lost it, and what had a position is not known.
 */
type State = 'entering' | 'settled' | 'again'

/** A group as all nodes know it. */
export interface Enrolled {
  readonly name: string
  readonly rooms: string
  readonly state: State
  /** When it was made, ms, server time. */
  readonly made: number
}

/** The groups there are, in Redis, and what this node knows of them. */
export interface Registry {
  readonly known: ReadonlyMap<string, Enrolled>
  wantedBy(room: string): readonly string[]
  /** Learns what there is. Rejects when it cannot be asked. */
  read(): Promise<void>
  /** Makes the group where there is none. Rejects with a GroupError when it has other rooms. */
  enrol(group: Group): Promise<Enrolled>
  /** Its first positions are written. */
  settle(group: Enrolled): Promise<void>
  /** Makes a group anew that is not there any more. */
  restore(group: Enrolled): Promise<void>
  remove(name: string): Promise<void>
}

const isState = (text: string | undefined): text is State =>
  text === 'entering' || text === 'settled' || text === 'again'
const textOf = ({ rooms, state, made }: Enrolled): string => [rooms, state, made].join(FIELD)
function enrolledOf(name: string, text: string): Enrolled {
  const [rooms = '', state, made] = text.split(FIELD)
  if (!isState(state)) throw new Error('Redis holds something else than a group.')
  return { name, rooms, state, made: Number(made) }
}

/** Names and values of a hash, in either protocol of Redis. */
const pairsIn = (reply: unknown): readonly (readonly [string, string])[] => {
  if (!Array.isArray(reply)) return Object.entries(Object(reply)).map(([name, text]) => [name, String(text)])
  const texts = reply.map(String)
  return texts.flatMap((name, i) => (i % 2 === 0 ? [[name, texts[i + 1] ?? ''] as const] : []))
}

export interface RegistryOptions {
  readonly link: Pick<Link, 'command'>
  readonly prefix: string
  readonly now: (() => number) | undefined
}

export function createRegistry({ link: { command }, prefix, now }: RegistryOptions): Registry {
  const key = `${prefix}:groups`
  let known = new Map<string, Enrolled>()

  const time = async (): Promise<number> => {
    if (now) return now()
    const reply = await command('TIME')
    const [seconds, micros] = Array.isArray(reply) ? reply : []
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
  }
  const find = async (name: string): Promise<Enrolled | undefined> => {
    const text = await command('HGET', key, name)
    return typeof text === 'string' ? enrolledOf(name, text) : undefined
  }
  const make = async (group: Enrolled): Promise<Enrolled> => {
    await command('HSETNX', key, group.name, textOf(group))
    return (await find(group.name)) ?? group
  }
  const learn = (group: Enrolled) => {
    known.set(group.name, group)
    return group
  }
  return {
    get known() {
      return known
    },
    wantedBy: (room) =>
      known.size === 0
        ? []
        : [...known.values()].filter(({ rooms }) => isNamed(rooms, room)).map(({ name }) => name),
    async read() {
      const pairs = pairsIn(await command('HGETALL', key))
      known = new Map(pairs.map(([name, text]) => [name, enrolledOf(name, text)]))
    },
    async enrol({ name, rooms, from }) {
      const state = from === 'start' ? 'settled' : 'entering'
      const group = (await find(name)) ?? (await make({ name, rooms, state, made: await time() }))
      if (group.rooms !== rooms) throw otherRooms(group.rooms, { name, rooms })
      return learn(group)
    },
    async settle(group) {
      const settled: Enrolled = { name: group.name, rooms: group.rooms, state: 'settled', made: group.made }
      await command('HSET', key, group.name, textOf(settled))
      learn(settled)
    },
    async restore({ name, rooms }) {
      learn(await make({ name, rooms, state: 'again', made: await time() }))
    },
    async remove(name) {
      known.delete(name)
      await command('HDEL', key, name)
    },
  }
}
