import { describe, expect, it } from 'vitest'
import { timestampPagesOverFrames } from '../../../src/core/messages/timestamp-pages.js'
import { createTimestampSync, stampOfTimestamp } from '../../../src/core/messages/timestamp-sync.js'
import { type ClientFrame, decodeServerText, encodeFrames } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/timeline.js'
import { coded, createBackend, many, type Row, START } from './timestamps.js'

describe('pages over frames', () => {
  const entry = ({ id, at }: Row) => ({
    seq: 1,
    messageId: id,
    id,
    from: 'bob',
    stamp: stampOfTimestamp(at),
    ts: at,
    kind: 'create',
    body: { text: id },
  })

  /** Two ends of a wire made of text. */
  const setUpWire = (answer: (frame: ClientFrame) => unknown) => {
    let ids = 0
    const wire = { up: true }
    const frames = timestampPagesOverFrames({
      room: 'general',
      newId: () => `r${ids++}`,
      send: (frame) => {
        if (!wire.up) return false
        const reply = answer(JSON.parse(encodeFrames([frame])))
        void Promise.resolve().then(() => {
          for (const back of decodeServerText(JSON.stringify(reply)).frames) frames.receive(back)
        })
        return true
      },
    })
    const timeline = createTimeline({ turns: 2 })
    const told: string[] = []
    const errors: string[] = []
    const disk = { load: async () => undefined, commit: async () => {} }
    const sync = createTimestampSync({
      clock: timeline.clock(),
      fetchPage: frames.fetchPage,
      idOf: (row) => row.messageId,
      timestampOf: (row) => row.ts,
      store: disk,
      onMessages: (rows) => told.push(...rows.map((row) => row.messageId)),
      onError: (error) => errors.push(error.code),
      limit: 10,
    })
    return { wire, frames, timeline, told, errors, sync }
  }

  it('S67: reads a server that speaks sync_request {lastSyncTimestamp}', async () => {
    const backend = createBackend()
    backend.put(...many(60, (n) => START + Math.floor(n / 15) * 1_000))
    const { told, sync } = setUpWire((frame) => {
      if (frame.type !== 'sync_request') return []
      const page = backend.page({ since: frame.lastSyncTimestamp ?? -1, limit: frame.limit })
      return {
        type: 'sync_response',
        id: frame.id,
        room: frame.room,
        messages: page.messages.map(entry),
        hasMore: page.hasMore,
        prev: null,
        cursor: null,
        seq: 0,
        head: 0,
      }
    })
    expect(await sync.sync()).toBe(60)
    expect(new Set(told).size).toBe(60)
  })

  it('keeps its place past an entry that does not fit', async () => {
    const { told, errors, sync } = setUpWire((frame) =>
      frame.type === 'sync_request'
        ? {
            type: 'sync_response',
            id: frame.id,
            room: 'general',
            messages: [entry({ id: 'a', at: START }), { seq: 5 }],
            hasMore: false,
            prev: null,
            cursor: null,
            seq: 0,
            head: 0,
          }
        : [],
    )
    expect(await sync.sync()).toBe(1)
    expect([told, errors]).toEqual([['a'], ['bad_entry']])
  })

  it('says so when the connection is down, before the question or after it', async () => {
    const { wire, frames, timeline, sync } = setUpWire(() => [])
    const run = expect(sync.sync()).rejects.toEqual(coded('server'))
    await timeline.settle()
    frames.down()
    await run
    wire.up = false
    await expect(sync.sync()).rejects.toEqual(coded('server'))
    expect(timeline.pending).toBe(0)
  })

  it('S87: tells a refusal for good from one for now', async () => {
    for (const [retryable, code] of [
      [true, 'server'],
      [false, 'room_refused'],
    ] as const) {
      const { sync } = setUpWire((frame) => ({
        type: 'error',
        re: 'id' in frame ? frame.id : '',
        code: 'forbidden',
        message: 'no',
        retryable,
      }))
      await expect(sync.sync()).rejects.toEqual(coded(code))
    }
  })

  it('leaves frames alone that are not for it', () => {
    const { frames } = setUpWire(() => [])
    expect(frames.receive({ type: 'ping', t: 1 })).toBe(false)
    expect(frames.receive({ type: 'error', code: 'x', message: '', retryable: true })).toBe(false)
    expect(frames.receive({ type: 'error', re: 'other', code: 'x', message: '', retryable: true })).toBe(
      false,
    )
  })

  it('asks for no more than a page may hold', async () => {
    const limits: number[] = []
    const { sync } = setUpWire((frame) => {
      if (frame.type === 'sync_request') limits.push(frame.limit)
      return {
        type: 'sync_response',
        id: 'id' in frame ? frame.id : '',
        room: 'general',
        messages: many(500, () => START)
          .slice(0, 'limit' in frame ? frame.limit : 0)
          .map(entry),
        hasMore: true,
        prev: null,
        cursor: null,
        seq: 0,
        head: 0,
      }
    })
    await expect(sync.sync()).rejects.toEqual(coded('sync_stuck'))
    expect(Math.max(...limits)).toBe(500)
  })
})
