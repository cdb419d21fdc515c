import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Committed } from '../../src/index.js'
import { cursorAt } from '../../src/log/cursor.js'
import type { Row } from '../../src/log/store.js'
import { createFeed, type Feed } from '../../src/redis/feed.js'
import { FIELD, rowText, type Told, toldOf } from '../../src/redis/record.js'
import { windowOf } from '../../src/redis/window.js'
import { createTimeline, type Timeline } from '../support/timeline.js'

const ROOM = 'general'
const markOf = (seq: number, branch = 'm') => `${branch}${seq}`.padEnd(8, '_')

describe('the feed of a room', () => {
  let time: Timeline
  let feed: Feed
  /** The log, as marks of its positions. */
  let branches: string[]
  let told: Committed[]
  let losses: string[]
  let heard: string[]

  const row = (seq: number, branch = branches[seq - 1] ?? 'm'): Row => ({
    ...{
      room: ROOM,
      seq,
      messageId: `id${seq}${branch}`,
      author: 'a',
      id: `i${seq}`,
      kind: 'create',
      ts: seq,
    },
    ...{ stamp: '0mabcdefg0000node-------', body: '1', version: 1, rev: seq, edited: 0, deleted: 0 },
    ...{ targetId: null, targetSeq: null, targetStamp: null, reactions: null, editStamp: null, editId: null },
    ...{ digest: 'd', mark: markOf(seq, branch) },
  })
  const markBefore = (seq: number) => (seq === 1 ? 'start___' : markOf(seq - 1, branches[seq - 2]))
  const event = (seq: number): Told => toldOf(row(seq), markBefore(seq))
  const write = (count: number, branch = 'm') => {
    for (let i = 0; i < count; i++) branches.push(branch)
  }
  const take = (...some: readonly Told[]) => void feed.take(ROOM, some)
  const seqs = () => told.map(({ seq }) => seq)

  beforeEach(() => {
    time = createTimeline()
    ;[branches, told, losses, heard] = [[], [], [], []]
    feed = createFeed({
      clock: time,
      listen: async (room) => void heard.push(room),
      unlisten: (room) => void heard.splice(heard.indexOf(room), 1),
      async look(_, seq) {
        const head = branches.length
        const end = [head, markBefore(head + 1), 0, 0, '', 1, 'start___', 1, 'start___'].join(FIELD)
        return windowOf(ROOM, seq >= 1 && seq <= head ? [end, rowText(row(seq))] : [end])
      },
      read: async (_, after) => branches.slice(after.seq).map((_, i) => event(after.seq + i + 1)),
      tell: (committed) => void told.push(...committed),
      lost: (_, reason, head) => void losses.push(`${reason} ${head}`),
    })
  })
  afterEach(() => feed.close())

  it('tells in order what comes in another, and once what comes twice', async () => {
    await feed.enter(ROOM)
    write(3)
    take(event(2))
    expect(seqs()).toEqual([])
    take(event(1), event(1), event(2))
    take(event(3))
    expect(seqs()).toEqual([1, 2, 3])
    expect(losses).toEqual([])
  })
  it('waits a moment for what is missing, and then asks for it', async () => {
    await feed.enter(ROOM)
    write(3)
    take(event(3))
    await time.advance(49)
    expect(seqs()).toEqual([])
    await time.advance(1)
    expect(seqs()).toEqual([1, 2, 3])
  })
  it('finds every half minute what was lost without a word', async () => {
    await feed.enter(ROOM)
    for (const round of [1, 2]) {
      write(1)
      await time.advance(29_999)
      expect(seqs()).toHaveLength(round - 1)
      await time.advance(1)
      expect(seqs()).toHaveLength(round)
    }
  })
  it('says when the past is another one, by the next event or by looking', async () => {
    write(3)
    await feed.enter(ROOM)
    branches = ['m', 'x', 'x', 'x']
    take(event(4))
    await time.advance(0)
    expect(losses).toEqual(['fork 4'])
    branches = ['m', 'y', 'y', 'y', 'y']
    await time.advance(30_000)
    expect(losses).toEqual(['fork 4', 'fork 5'])
    branches = ['m']
    await time.advance(30_000)
    expect(losses).toEqual(['fork 4', 'fork 5', 'restored 1'])
    write(1)
    take(event(2))
    expect(told.at(-1)?.cursor).toBe(cursorAt(2, markOf(2)))
  })
  it('is heard for as long as somebody is there', async () => {
    await Promise.all([feed.enter(ROOM), feed.enter(ROOM)])
    feed.leave(ROOM)
    expect(heard).toEqual([ROOM])
    feed.leave(ROOM)
    expect(heard).toEqual([])
    write(1)
    take(event(1))
    expect(told).toEqual([])
  })
})
