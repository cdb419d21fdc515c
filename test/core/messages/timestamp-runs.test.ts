import { describe, expect, it } from 'vitest'
import { coded, createBackend, many, type Row, START, setUp } from './timestamps.js'

describe('catching up by timestamps', () => {
  it('S69: keeps nothing to itself and tells nothing twice on the second sync', async () => {
    const { backend, told, disk, sync } = setUp()
    backend.put(...many(25, (n) => START + n * 1_000))
    await sync.sync()
    expect(await sync.sync()).toBe(0)
    expect(told).toHaveLength(25)
    backend.put(...many(1, () => START + 3_600_000).map((row) => ({ ...row, id: 'later' })))
    await sync.sync()
    expect(disk.position?.seen).toEqual([['later', START + 3_600_000]])
  })

  it('S70: stores the position with what it covers, and goes on from there after a restart', async () => {
    const { backend, disk, told, sync, restart } = setUp()
    backend.put(...many(25, (n) => START + n * 60_000))
    await sync.sync()
    expect(disk.position?.timestamp).toBe(START + 24 * 60_000)
    expect(disk.rows).toHaveLength(25)
    backend.put({ id: 'new', at: START + 25 * 60_000 })
    expect(await restart().sync()).toBe(1)
    expect(told.at(-1)).toBe('new')
  })

  it('S70: neither tells nor moves on when the store fails, and repeats nothing afterwards', async () => {
    const { backend, disk, told, sync } = setUp()
    backend.put(...many(25, (n) => START + n * 1_000))
    disk.full = true
    await expect(sync.sync()).rejects.toEqual(coded('storage'))
    expect([told.length, disk.position]).toEqual([0, undefined])
    disk.full = false
    expect(await sync.sync()).toBe(25)
    expect(told).toHaveLength(25)
  })

  it('S71: who asks during a run gets the same promise, and the whole of it', async () => {
    const { backend, sync } = setUp()
    backend.put(...many(95, (n) => START + n * 1_000))
    const first = sync.sync()
    expect(sync.sync()).toBe(first)
    expect(await first).toBe(95)
    expect(sync.sync()).not.toBe(first)
  })

  it('S72: a listener that throws stops neither the run nor the position', async () => {
    const { backend, disk, errors, sync } = setUp({
      onMessages: () => {
        throw new Error('the page failed')
      },
    })
    backend.put(...many(25, (n) => START + n * 1_000))
    expect(await sync.sync()).toBe(25)
    expect(disk.position?.timestamp).toBe(START + 24_000)
    expect(new Set(errors)).toEqual(new Set(['listener']))
  })

  it('S73: gives up a page that does not come, aborts it, and goes on at the next sync', async () => {
    let silent = true
    let aborted = 0
    const backend = createBackend()
    const { timeline, told, sync } = setUp(
      {
        timeoutMs: 4_000,
        fetchPage: ({ onAbort, ...request }) => {
          if (!silent) return Promise.resolve(backend.page(request))
          onAbort(() => aborted++)
          return new Promise(() => {})
        },
      },
      backend,
    )
    backend.put(...many(3, (n) => START + n))
    const run = sync.sync()
    const verdict = expect(run).rejects.toEqual(coded('server'))
    await timeline.advance(3_999)
    expect(aborted).toBe(0)
    await timeline.advance(1)
    await verdict
    expect([aborted, timeline.pending]).toEqual([1, 0])
    silent = false
    expect(await sync.sync()).toBe(3)
    expect(told).toHaveLength(3)
    expect(timeline.pending).toBe(0)
  })

  it('S73: an answer that comes after its page was given up changes nothing', async () => {
    const answers: ((page: { messages: Row[]; hasMore: boolean }) => void)[] = []
    const { timeline, told, sync } = setUp({
      timeoutMs: 1_000,
      fetchPage: () => new Promise((resolve) => answers.push(resolve)),
    })
    const first = expect(sync.sync()).rejects.toEqual(coded('server'))
    await timeline.advance(1_000)
    await first
    const second = expect(sync.sync()).rejects.toEqual(coded('server'))
    await timeline.settle()
    answers[0]?.({ messages: many(3, () => START), hasMore: false })
    await timeline.advance(1_000)
    await second
    expect(told).toEqual([])
  })

  it('S73: stops when told to, in the middle of a page, and leaves no timer', async () => {
    const { timeline, sync } = setUp({ fetchPage: () => new Promise(() => {}) })
    const run = expect(sync.sync()).rejects.toEqual(coded('destroyed'))
    await timeline.settle()
    expect(timeline.pending).toBe(1)
    sync.stop()
    await run
    expect(timeline.pending).toBe(0)
    await expect(sync.sync()).rejects.toEqual(coded('destroyed'))
    await expect(sync.receive([])).rejects.toEqual(coded('destroyed'))
  })

  it('S73: a fetcher that throws is an error of the run, with a type, and leaves no timer', async () => {
    const { timeline, sync } = setUp({
      fetchPage: () => {
        throw new Error('no network')
      },
    })
    await expect(sync.sync()).rejects.toEqual(coded('server'))
    expect(timeline.pending).toBe(0)
  })

  it('S74: merges what arrives by itself during a run: each message once, whichever way is faster', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(35, (n) => START + n * 1_000))
    const run = sync.sync()
    await sync.receive([{ id: 'm00030', at: START + 30_000 }])
    await run
    await sync.receive([{ id: 'm00034', at: START + 34_000 }])
    expect(told).toHaveLength(35)
    expect(new Set(told).size).toBe(35)
  })

  it('S74: tells a message once that arrives twice at the same moment', async () => {
    const { told, sync } = setUp()
    const live = { id: 'live', at: START }
    await Promise.all([sync.receive([live]), sync.receive([live, live])])
    expect(told).toEqual(['live'])
  })

  it('S74: what arrives by itself never moves the position past what lies between', async () => {
    const { backend, disk, told, sync, restart } = setUp()
    backend.put(...many(5, (n) => START + n))
    await sync.sync()
    const before = disk.position?.timestamp
    const live = { id: 'live', at: START + 500_000 }
    await sync.receive([live])
    expect(disk.position?.timestamp).toBe(before)
    backend.put({ id: 'between', at: START + 100_000 }, live)
    await restart().sync()
    expect(told.slice(-2)).toEqual(['live', 'between'])
  })

  it('S75: finds rows that were committed up to a minute after their timestamp', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(25, (n) => START + n * 5_000))
    await sync.sync()
    backend.put({ id: 'slow', at: START + 24 * 5_000 - 59_000 })
    expect(await sync.sync()).toBe(1)
    expect(told.at(-1)).toBe('slow')
  })

  it('S76: a row that changed, and so has a greater timestamp, is told again as it is now', async () => {
    const { backend, disk, sync } = setUp()
    backend.put(...many(3, (n) => START + n))
    await sync.sync()
    backend.rows[1] = { id: 'm00001', at: START + 9_000, text: 'edited' }
    expect(await sync.sync()).toBe(1)
    expect(disk.rows.at(-1)).toEqual({ id: 'm00001', at: START + 9_000, text: 'edited' })
    expect(await sync.sync()).toBe(0)
  })
})
