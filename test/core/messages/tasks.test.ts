import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import type { Stretch } from '../../../src/core/messages/log.js'
import { createTasks } from '../../../src/core/messages/tasks.js'
import { formatStamp, type LogEntry } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/timeline.js'

const entry = (seq: number, from: string): LogEntry => ({
  ...{ seq, from, messageId: `m${seq}`, id: `op${seq}`, stamp: formatStamp(seq, 0, 'some-clock-') },
  ...{ ts: seq, kind: 'create' as const, body: seq },
})

function setUp() {
  const timeline = createTimeline()
  const written: Stretch[] = []
  let shownMs: number | undefined
  const tasks = createTasks({
    clock: timeline.clock(),
    async write(stretch) {
      written.push(stretch)
      return shownMs
    },
    isSeen: ({ from }) => from === 'me',
    onError(cause) {
      throw cause
    },
  })
  const at = (seq: number) => ({ seq, cursor: `c${seq}` })
  const follow = (seq: number, from: string, after = seq - 1) =>
    tasks.follow({ from: at(after), entries: [entry(seq, from)], end: at(seq), passed: [] })
  /** What each write held, as its entries and its end. */
  const writes = () => written.map(({ entries, end }) => [entries.map(({ seq }) => seq), end.cursor])
  return {
    ...{ timeline, tasks, follow, written, writes },
    /** So long showing takes from now on. */
    showsIn(ms: number) {
      shownMs = ms
    },
  }
}

describe('what follows in a room', () => {
  it('is written a moment later, together, when everybody sees it already', async () => {
    const { timeline, follow, written, writes } = setUp()
    follow(1, 'me')
    await timeline.advance(LIMITS.noteWithinMs - 1)
    follow(2, 'me')
    expect(written).toEqual([])
    await timeline.advance(1)
    expect(writes()).toEqual([[[1, 2], 'c2']])
    expect(written[0]?.passed).toEqual([{ seq: 1, cursor: 'c1' }])
    await timeline.advance(1_000)
    expect(written).toHaveLength(1)
  })

  it('is written at once when it brings something new, with what waited before it', async () => {
    const { timeline, follow, writes } = setUp()
    follow(1, 'me')
    await timeline.advance(10)
    follow(2, 'somebody')
    await timeline.settle()
    expect(writes()).toEqual([[[1, 2], 'c2']])
    expect(timeline.pending).toBe(0)
  })

  it('is written a thousand entries at a time where more has come, and less after that was shown slowly', async () => {
    const { timeline, follow, written, writes, showsIn } = setUp()
    const { first, deafMs } = LIMITS.write
    const bring = async (upTo: number, ms: number) => {
      showsIn(ms)
      for (let seq = (written.at(-1)?.end.seq ?? 0) + 1; seq <= upTo; seq++) follow(seq, 'somebody')
      await timeline.settle()
    }
    await bring(first + 5, deafMs)
    await bring(2 * first + 5, 2 * deafMs)
    await bring(3 * first + 5, deafMs)
    expect(writes().map(([, end]) => end)).toEqual(['c1000', 'c1005', 'c2005', 'c2505', 'c3005'])
  })

  it('is not written together with what does not go on where it ends', async () => {
    const { timeline, follow, writes } = setUp()
    follow(1, 'somebody')
    follow(2, 'somebody')
    follow(5, 'somebody', 4)
    follow(6, 'somebody')
    await timeline.settle()
    expect(writes()).toEqual([
      [[1, 2], 'c2'],
      [[5, 6], 'c6'],
    ])
  })

  it('is written before anything else has its turn', async () => {
    const { timeline, tasks, follow, writes } = setUp()
    follow(1, 'me')
    await timeline.settle()
    expect(await tasks.queue(async () => writes().length)).toBe(1)
  })

  it('leaves no timer behind when the room is let go', async () => {
    const { timeline, tasks, follow } = setUp()
    follow(1, 'me')
    await timeline.settle()
    expect(timeline.pending).toBe(1)
    tasks.stop()
    expect(timeline.pending).toBe(0)
  })
})
