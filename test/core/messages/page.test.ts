import { describe, expect, it } from 'vitest'
import type { TidingsError } from '../../../src/core/errors.js'
import { rangeOfPage, readable } from '../../../src/core/messages/page.js'
import { formatStamp, type PageEntry, type ServerFrames, WIRE } from '../../../src/protocol/index.js'

const entry = (seq: number, ts: number, stampedAt: number): PageEntry => ({
  ...{ seq, messageId: `m${seq}`, id: `op${seq}`, from: 'bob', kind: 'create', body: seq, ts },
  stamp: formatStamp(stampedAt, 0, 'bobs-clock-'),
})
const page = (more: Partial<ServerFrames['sync_response']>): ServerFrames['sync_response'] => ({
  ...{ type: 'sync_response', id: 'q', room: 'general', messages: [], prev: 'c4', cursor: 'c9', seq: 9 },
  ...{ hasMore: true, head: 9, ...more },
})

describe('the entries of a page', () => {
  it('are left out and told where they could not be read or are stamped more than 120 s ahead of their own time', () => {
    const errors: TidingsError[] = []
    const entries: PageEntry[] = [
      entry(1, 5_000_000, 5_000_000),
      { kind: 'unreadable', seq: 2 },
      entry(3, 5_000_000, 5_000_000 + WIRE.stampQuarantineMs),
      entry(4, 5_000_000, 5_000_001 + WIRE.stampQuarantineMs),
      // Written long before it arrived: late, and perfectly good.
      entry(5, 5_000_000, 1),
    ]
    expect(readable('general', entries, (error) => errors.push(error)).map(({ seq }) => seq)).toEqual([
      1, 3, 5,
    ])
    expect(errors).toMatchObject([
      { code: 'bad_entry', room: 'general' },
      { code: 'bad_entry', room: 'general' },
    ])
  })
})

describe('the stretch of a backward page', () => {
  const upper = { seq: 9, cursor: 'c9' }

  it('begins before its first entry, also where that could not be read', () => {
    expect(rangeOfPage(page({ messages: [entry(5, 1, 1), entry(9, 1, 1)] }), upper)).toEqual({
      ...{ after: 4, afterCursor: 'c4', upTo: 9, cursor: 'c9' },
    })
    expect(rangeOfPage(page({ messages: [{ kind: 'unreadable', seq: 5 }] }), upper).after).toBe(4)
    expect(rangeOfPage(page({ messages: [{ kind: 'unreadable' }, entry(6, 1, 1)] }), upper).after).toBe(5)
  })

  it('begins at the start of the log where nothing lies before it', () => {
    const all = rangeOfPage(page({ hasMore: false, prev: 'c0', messages: [entry(3, 1, 1)] }), upper)
    expect(all).toEqual({ after: 0, afterCursor: null, upTo: 9, cursor: 'c9' })
  })

  it('claims nothing where it brought nothing and there is more', () => {
    const { after, upTo } = rangeOfPage(page({ messages: [] }), upper)
    expect(after).toBe(upTo)
  })
})
