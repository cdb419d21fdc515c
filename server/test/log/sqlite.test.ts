import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, createMemoryLog, createSqliteLog, type Log, type Operation } from '../../src/index.js'
import { openDatabase } from '../../src/log/sqlite-driver.js'
import { nodeClock } from '../../src/platform.js'
import { groupLaws } from '../group-laws.js'
import { logLaws } from '../log-laws/index.js'
import { markLaws } from '../mark-laws.js'
import { type Built, buildServer } from '../support/built.js'
import { temporaryFolder } from '../support/files.js'
import { createTimeline } from '../support/timeline.js'

let worker: URL
let built: Built
beforeAll(async () => {
  built = await buildServer('sqlite')
  worker = built.worker
})
afterAll(() => built.remove())

let folder: Awaited<ReturnType<typeof temporaryFolder>>
const open = async (clock: Clock, options: { worker?: URL } = {}) => {
  folder = await temporaryFolder()
  return createSqliteLog({ file: join(folder.path, 'log.db'), clock, synchronous: 'NORMAL', ...options })
}

logLaws('the SQLite log in this thread', { open: (clock) => open(clock), clean: () => folder.remove() })
logLaws('the SQLite log in a thread of its own', {
  open: (clock) => open(clock, { worker }),
  clean: () => folder.remove(),
})

markLaws('the SQLite log', { open: (clock) => open(clock, { worker }), clean: () => folder.remove() })

groupLaws('the SQLite log in a thread of its own', {
  open: () => open(nodeClock, { worker }),
  another: async (log) => log,
  async reopen(log) {
    await log.close()
    return createSqliteLog({ file: join(folder.path, 'log.db'), clock: nodeClock, worker })
  },
  clean: () => folder.remove(),
})

describe('the SQLite log', () => {
  const time = createTimeline()
  let file: string
  let log: Log
  const reopen = async () => {
    log = await createSqliteLog({ file, clock: time, worker })
  }
  beforeEach(async () => {
    folder = await temporaryFolder()
    file = join(folder.path, 'log.db')
    await reopen()
  })
  afterEach(async () => {
    await log.close()
    await folder.remove()
  })
  const operation = (id: string, more: Partial<Operation> = {}): Operation => ({
    ...{ room: 'general', author: 'alice', id, kind: 'create', stamp: '0mabcdefg0000node-------' },
    body: JSON.stringify(id),
    ...more,
  })
  const contents = async () => {
    const standing = await log.locate([{ room: 'general' }])
    const page = await log.page({ room: 'general', dir: 'forward', limit: 500 })
    return { standing, page }
  }

  it('keeps everything over a restart: entries, numbers, cursors, and what was answered', async () => {
    const operations = [
      ...[operation('a'), operation('b', { replyTo: 'a' })],
      operation('e', { kind: 'edit', messageId: 'a', body: '"edited"' }),
      operation('u', { kind: 'unreact', messageId: 'a', body: '"x"' }),
    ]
    const outcomes = await log.append(operations)
    const before = await contents()
    await log.close()
    await reopen()
    expect(await contents()).toEqual(before)
    expect(await log.append(operations)).toEqual(outcomes.map((outcome) => ({ ...outcome, dup: true })))
    expect(await log.append([operation('c')])).toMatchObject([{ seq: 4 }])
  })
  it('keeps read marks over a restart, also those of the moment in which it closes', async () => {
    await log.append([operation('a'), operation('b')])
    const raised = log.marks?.raise([{ room: 'general', user: 'bob', upTo: 2, readAt: 7 }])
    await log.close()
    await raised
    await reopen()
    expect(await log.marks?.of('general')).toEqual([{ room: 'general', user: 'bob', upTo: 2, readAt: 7 }])
    expect(await log.locate([{ room: 'general', reader: 'bob' }])).toMatchObject([{ mark: 2, unread: 0 }])
  })
  it('gives a file of before read marks a table for them', async () => {
    await log.append([operation('a')])
    await log.close()
    const database = await openDatabase(file)
    database.exec('DROP TABLE marks')
    database.close()
    await reopen()
    await log.marks?.raise([{ room: 'general', user: 'bob', upTo: 1, readAt: 7 }])
    expect(await log.marks?.of('general')).toHaveLength(1)
  })
  it('gives the same ids and cursors as every other log', async () => {
    const memory = createMemoryLog({ clock: time })
    const operations = [operation('a'), operation('b', { replyTo: 'a' })]
    expect(await log.append(operations)).toEqual(await memory.append(operations))
    expect(await log.locate([{ room: 'general' }])).toEqual(await memory.locate([{ room: 'general' }]))
  })
  it('commits together what arrived together, and answers each', async () => {
    const appends = Array.from({ length: 300 }, (_, i) => log.append([operation(`m${i}`)]))
    const seqs = (await Promise.all(appends)).map(([outcome]) => outcome?.done && outcome.seq)
    expect(seqs).toEqual(Array.from({ length: 300 }, (_, i) => i + 1))
  })
  it('an append that cannot be stored fails alone', async () => {
    const broken: Operation = { ...operation('broken', { messageId: 'a' }), kind: 'react', body: 'no JSON' }
    const appends = [[operation('a')], [broken], [operation('b')], [operation('c'), broken]]
    const settled = await Promise.allSettled([
      log.append([operation('first')]),
      ...appends.map((operations) => log.append(operations)),
    ])
    expect(settled.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'rejected'],
    ])
    expect((await log.locate([{ room: 'general' }]))[0]?.head).toBe(3)
  })
  it('can be read by other tools while it runs, with its meaning in the schema', async () => {
    await log.append([operation('a'), operation('b')])
    const reader = await openDatabase(file)
    expect(reader.prepare('SELECT room, seq, id FROM operations ORDER BY room, seq').all()).toMatchObject([
      { room: 'general', seq: 1, id: 'a' },
      { room: 'general', seq: 2, id: 'b' },
    ])
    const schema = JSON.stringify(reader.prepare('SELECT sql FROM sqlite_master').all())
    expect(schema).toContain('hybrid logical clock')
    reader.close()
  })
  it('notices when another process has written to its file', async () => {
    await log.append([operation('a')])
    const other = await createSqliteLog({ file, clock: time })
    expect(await other.append([operation('b')])).toMatchObject([{ seq: 2 }])
    expect(await log.append([operation('c')])).toMatchObject([{ seq: 3 }])
    await other.close()
  })
  it('refuses a file of a newer server, and a path that is no database', async () => {
    const newer = join(folder.path, 'newer.db')
    const database = await openDatabase(newer)
    database.exec('PRAGMA user_version = 99')
    database.close()
    for (const options of [{}, { worker }]) {
      const opening = createSqliteLog({ file: newer, clock: time, ...options })
      await expect(opening).rejects.toThrow('newer server')
      const nowhere = createSqliteLog({ file: join(folder.path, 'no', 'folder.db'), clock: time, ...options })
      await expect(nowhere).rejects.toThrow()
    }
  })
  it('answers nothing after its thread has ended, and says so', async () => {
    await log.close()
    await expect(log.append([operation('late')])).rejects.toThrow()
    await expect(log.locate([{ room: 'general' }])).rejects.toThrow()
  })
})
