import type { Link } from './link.js'

/** Rooms that have something for the archive, shared out among the nodes: each is given to one of them, and again to another if that one dies. */
export interface Tasks {
  /** Whether there is an archive here, as far as any node has said. */
  exist(): Promise<boolean>
  add(room: string): Promise<void>
  /** Some that nobody has, and those that somebody took long ago and has not finished. */
  take(): Promise<readonly Task[]>
  done(task: Task): Promise<void>
  /** Makes the list where there is none. True when there was none. */
  prepare(): Promise<boolean>
}

export interface Task {
  readonly id: string
  readonly room: string
}

const GROUP = 'archive'
/** Tasks taken at once. */
const TAKEN = '16'

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
  readonly prefix: string
  readonly node: string
  /** After so many ms of Redis's time, a task that was taken and not finished is given to the next who asks. */
  readonly idleMs: number
}

/** A stream with a consumer group. */
export function createTasks({ link, prefix, node, idleMs }: TasksOptions): Tasks {
  const { command } = link
  const key = `${prefix}:archive`
  return {
    exist: async () => Number(await command('EXISTS', key)) === 1,
    add: async (room) => void (await command('XADD', key, '*', 'room', room)),
    async take() {
      const claimed = ['XAUTOCLAIM', key, GROUP, node, String(idleMs), '0-0', 'COUNT', TAKEN]
      const [, old] = listOf(await command(...claimed))
      const asked = ['XREADGROUP', 'GROUP', GROUP, node, 'COUNT', TAKEN, 'STREAMS', key, '>']
      return [...tasksIn(old), ...tasksIn(readOf(await command(...asked)))]
    },
    async done({ id }) {
      await command('XACK', key, GROUP, id)
      await command('XDEL', key, id)
    },
    async prepare() {
      try {
        await command('XGROUP', 'CREATE', key, GROUP, '0', 'MKSTREAM')
        return true
      } catch (cause) {
        if (cause instanceof Error && cause.message.startsWith('BUSYGROUP')) return false
        throw cause
      }
    },
  }
}
