import type { Link } from './link.js'

/** Rooms in which there is something to do, shared out among those who do it: each is given to one of them, and again to another if that one dies. */
export interface Tasks {
  /** Whether there is such a list, as far as any node has said. */
  exist(): Promise<boolean>
  add(room: string): Promise<void>
  /** At most so many: those that somebody took long ago and has not finished, then such that nobody has. */
  take(most: number): Promise<readonly Task[]>
  /** It takes longer: nobody else is given it now. */
  renew(task: Task): Promise<void>
  done(task: Task): Promise<void>
  /** Whoever asked here does not ask any more. */
  retire(): Promise<void>
  /** Makes the list where there is none. True when there was none. */
  prepare(): Promise<boolean>
}

export interface Task {
  readonly id: string
  readonly room: string
}

/** Where a look at what was taken long ago begins. */
const START = '0-0'

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** What was read of the one stream that was asked for, in either protocol of Redis. */
const readOf = (reply: unknown): unknown =>
  Array.isArray(reply) ? listOf(reply[0])[1] : Object.values(Object(reply))[0]

/** Entries of a stream as Redis tells them: an id and [field, value]. Those that are gone from it have no fields. */
const tasksIn = (entries: unknown): readonly Task[] =>
  listOf(entries).flatMap((entry) => {
    const [id, fields] = listOf(entry)
    const [, room] = listOf(fields)
    return room === undefined ? [] : [{ id: String(id), room: String(room) }]
  })

export interface TasksOptions {
  readonly link: Pick<Link, 'command'>
  /** The stream. */
  readonly key: string
  /** Its consumer group, and who is asking. */
  readonly group: string
  readonly node: string
  /** After so many ms of Redis's time, a task that was taken and not finished is given to the next who asks. */
  readonly idleMs: number
}

/** A stream with a consumer group. */
export function createTasks({ link, key, group, node, idleMs }: TasksOptions): Tasks {
  const { command } = link
  let next = START
  const takeOld = async (most: number): Promise<readonly Task[]> => {
    const reply = await command('XAUTOCLAIM', key, group, node, String(idleMs), next, 'COUNT', String(most))
    const [cursor, old] = listOf(reply)
    // From where it ended: it looks at some only, and those in front may be in good hands.
    next = String(cursor ?? START)
    return tasksIn(old)
  }
  const takeNew = async (most: number): Promise<readonly Task[]> => {
    const asked = ['XREADGROUP', 'GROUP', group, node, 'COUNT', String(most), 'STREAMS', key, '>']
    return tasksIn(readOf(await command(...asked)))
  }
  return {
    exist: async () => Number(await command('EXISTS', key)) === 1,
    add: async (room) => void (await command('XADD', key, '*', 'room', room)),
    async take(most) {
      const old = await takeOld(most)
      return old.length < most ? [...old, ...(await takeNew(most - old.length))] : old
    },
    renew: async ({ id }) => void (await command('XCLAIM', key, group, node, '0', id, 'JUSTID')),
    async done({ id }) {
      await command('XACK', key, group, id)
      await command('XDEL', key, id)
    },
    async retire() {
      const left = await command('XPENDING', key, group, '-', '+', '1', node)
      // What it has taken and not finished would be gone with its name.
      if (listOf(left).length === 0) await command('XGROUP', 'DELCONSUMER', key, group, node)
    },
    async prepare() {
      try {
        await command('XGROUP', 'CREATE', key, group, '0', 'MKSTREAM')
        return true
      } catch (cause) {
        if (cause instanceof Error && cause.message.startsWith('BUSYGROUP')) return false
        throw cause
      }
    },
  }
}
