import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Log } from '../../src/index.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { openRedis } from '../../src/redis/open.js'
import { buildPrograms } from '../support/built.js'
import { temporaryFolder } from '../support/files.js'
import { createOperation } from '../support/operations.js'
import { describeRedis, freshPrefix, type RedisProcess, startRedis } from '../support/redis.js'
import { until } from '../support/until.js'

const IDLE_MS = 4_000
const AT_ONCE = 4
const BATCH = 20
const ROOMS = 12
const ROUNDS = 5
/** Workers at the beginning; each that is killed has a successor. */
const FIRST = 3
/** Entries of a room that are written between two deaths. */
const WRITTEN = 80

/** A line of what workers note. */
interface Note {
  readonly worker: string
  readonly is: string
  readonly room: string
  readonly seqs: readonly number[]
}

describeRedis('workers that are killed', () => {
  let redis: RedisProcess
  let programs: Awaited<ReturnType<typeof buildPrograms>>
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let log: Log
  let prefix: string
  let file: string
  let workers: ChildProcess[]
  beforeAll(async () => {
    redis = await startRedis()
    programs = await buildPrograms('workers', ['./worker-program.ts'])
  })
  afterAll(async () => {
    await programs.remove()
    await redis.remove()
  })
  beforeEach(async () => {
    folder = await temporaryFolder()
    file = join(folder.path, 'notes')
    await writeFile(file, '')
    prefix = freshPrefix()
    workers = []
    const opened = await openRedis({ url: redis.url, prefix, clock: nodeClock, random: nodeRandom, keep: 0 })
    log = opened.log
  })
  afterEach(async () => {
    for (const worker of workers) await kill(worker)
    await log.close()
    await folder.remove()
  })

  const start = () => {
    const words = [redis.url, prefix, file, String(IDLE_MS), String(AT_ONCE), String(BATCH)]
    const worker = spawn(process.execPath, [join(programs.folder, 'worker-program.js'), ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    workers.push(worker)
    return worker
  }
  const kill = async (worker: ChildProcess) => {
    workers = workers.filter((each) => each !== worker)
    if (worker.exitCode !== null || worker.signalCode !== null) return
    const ended = once(worker, 'exit')
    worker.kill('SIGKILL')
    await ended
  }
  const notes = async (): Promise<readonly Note[]> => {
    const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
    return lines.map((line) => {
      const [worker = '', is = '', room = '', seqs = ''] = line.split('\t')
      return { worker, is, room, seqs: seqs.split(',').map(Number) }
    })
  }
  const workersIn = (all: readonly Note[]) => new Set(all.map(({ worker }) => worker))
  const rooms = Array.from({ length: ROOMS }, (_, i) => `orders/${i}`)
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
  let written = 0
  const write = async () => {
    for (let batch = 0; batch < 4; batch++)
      await Promise.all(
        rooms.map((room) =>
          log.append(
            upTo(WRITTEN / 4).map((i) => createOperation(`m${written + batch * 1_000 + i}`, { room })),
          ),
        ),
      )
    written += 10_000
  }
  /** What may have to be repeated: in each room the last batch of whoever has died, over or not. */
  const inFlight = (all: readonly Note[], dead: readonly string[]): ReadonlySet<string> => {
    const last = new Map<string, Note>()
    for (const note of all) if (dead.includes(note.worker)) last.set(`${note.worker} ${note.room}`, note)
    return new Set([...last.values()].flatMap(({ room, seqs }) => seqs.map((seq) => `${room} ${seq}`)))
  }

  it('lose nothing, keep each room in order, share no room, and repeat no more than was in flight', async () => {
    for (let i = 0; i < FIRST; i++) start()
    const dead: string[] = []
    let total = 0
    const more = async () => {
      const before = (await notes()).length
      await write()
      total += WRITTEN
      await until(async () => (await notes()).length > before + 20)
    }
    for (let round = 0; round < ROUNDS; round++) {
      await more()
      const [victim] = workers
      if (victim) await kill(victim)
      dead.push(String(victim?.pid))
      start()
    }
    // Who has just started takes what comes when it is there.
    while (workersIn(await notes()).size <= FIRST) await more()
    const reached = async () => {
      const ends = (await notes()).filter(({ is }) => is === 'end')
      return rooms.every((room) => ends.some((note) => note.room === room && note.seqs.includes(total)))
    }
    await until(reached)
    const all = await notes()
    expect(all.some(({ is }) => is === 'gap')).toBe(false)
    const repeated: string[] = []
    for (const room of rooms) {
      let handed = 0
      let holder: Note | undefined
      for (const note of all.filter((each) => each.room === room)) {
        if (note.is === 'end') {
          expect(holder?.worker).toBe(note.worker)
          holder = undefined
          continue
        }
        // Whoever has begun and not ended is dead.
        if (holder) expect(dead).toContain(holder.worker)
        holder = note
        const [first = 0] = note.seqs
        expect(note.seqs).toEqual(note.seqs.map((_, i) => first + i))
        expect(first).toBeLessThanOrEqual(handed + 1)
        repeated.push(...note.seqs.filter((seq) => seq <= handed).map((seq) => `${room} ${seq}`))
        handed = Math.max(handed, note.seqs.at(-1) ?? 0)
      }
      expect(handed).toBe(total)
    }
    expect(repeated.filter((each) => !inFlight(all, dead).has(each))).toEqual([])
    expect(repeated.length).toBeLessThanOrEqual(dead.length * AT_ONCE * BATCH)
  })
})
