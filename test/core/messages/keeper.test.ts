import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { createKeeper } from '../../../src/core/messages/keeper.js'
import { createLog, type Log } from '../../../src/core/messages/log.js'
import type { Position } from '../../../src/core/messages/ranges.js'
import { formatStamp, type LogEntry } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/timeline.js'

const ROOM = 'general'
const at = (seq: number): Position => ({ seq, cursor: `c${seq}` })
const create = (seq: number): LogEntry => ({
  ...{ seq, messageId: `m${seq}`, id: `o${seq}`, from: 'alice', ts: 1_000 + seq, kind: 'create' },
  ...{ stamp: formatStamp(1_000 + seq, 0, 'node-of-ali'), body: `text ${seq}` },
})

describe('what keeps a room in step with the disk', () => {
  it('claims no position that it did not read the messages of, however busy another tab is', async () => {
    const storage = createMemoryStorage()
    const logOf = (): Log =>
      createLog(
        () => storage.open('cache'),
        () => undefined,
      )
    const other = logOf()
    const writes = (seq: number) =>
      other.follow(ROOM, seq === 1 ? null : at(seq - 1), { entries: [create(seq)], end: at(seq) })
    for (let seq = 1; seq <= 3; seq++) await writes(seq)
    const log = logOf()
    const keeper = createKeeper({
      room: ROOM,
      user: 'bob',
      log: {
        ...log,
        async read(room, from, to) {
          const messages = await log.read(room, from, to)
          // The other tab goes on while this one reads.
          await writes(4)
          return messages
        },
      },
      clock: createTimeline().clock(),
      isSeen: () => false,
      onApplied: () => {},
      onFilled: () => {},
      onChange: () => {},
      onElsewhere: () => {},
      onError: () => {},
      onStamp: () => {},
    })
    await keeper.load()
    const seqs = keeper.window.messages().map(({ seq }) => seq)
    expect([seqs, keeper.window.position()]).toEqual([[1, 2, 3], at(3)])
  })
})
