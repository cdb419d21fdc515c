import { createTimeline } from 'tidings/testing'
import type { Operation } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { type Chronicle, createChronicle } from '../../lab/sim/chronicle.js'
import { lacks, RARE } from '../../lab/sim/completeness.js'
import { FAULTS } from '../../lab/sim/faults.js'
import { createKeptLog } from '../../lab/sim/kept-log.js'
import { pageOf } from '../../lab/sim/report.js'
import { createWallet, readToken } from '../../lab/sim/wallet.js'
import { createWireLaws } from '../../lab/sim/wire-laws.js'
import { createTabClock } from '../../lab/tab-clock.js'
import { formatStamp } from '../../src/protocol/index.js'

const write = (id: string, ms: number): Operation => ({
  ...{ room: 'general', author: 'bob', id, kind: 'create', stamp: formatStamp(ms, 0, 'bobs-clock-') },
  body: `"${id}"`,
})

describe('a log that is kept', () => {
  it('comes back with less, and what it still has stands where it stood', async () => {
    const timeline = createTimeline()
    const kept = createKeptLog(timeline.clock())
    const cursors: string[] = []
    kept.log.follow((committed) => cursors.push(...committed.map(({ cursor }) => cursor)))
    for (const id of ['one', 'two', 'three']) {
      await kept.log.append([write(id, timeline.now())])
      await timeline.advance(1_000)
    }
    const messages = [...kept.messages('general').keys()]
    kept.rollBack(2)
    expect([...kept.messages('general').keys()]).toEqual(messages.slice(0, 1))
    expect(messages.map(kept.has)).toEqual([true, false, false])
    const [kind] = await kept.log.locate([{ room: 'general', cursor: cursors[0] ?? '' }])
    expect(kind).toMatchObject({ head: 1, cursor: cursors[0] })
    expect(kind?.lost).toBeUndefined()
    const [lost] = await kept.log.locate([{ room: 'general', cursor: cursors[2] ?? '' }])
    expect(lost?.lost).toBe('restored')
    kept.rollBack(100)
    expect(kept.messages('general').size).toBe(0)
  })

  it('forgets marks as well, and goes on numbering from where it stands', async () => {
    const timeline = createTimeline()
    const kept = createKeptLog(timeline.clock())
    await kept.log.append([write('one', timeline.now())])
    await kept.log.marks?.raise([{ room: 'general', user: 'alice', upTo: 1, readAt: 1 }])
    kept.rollBack(1)
    expect(await kept.log.marks?.of('general')).toEqual([])
    const [outcome] = await kept.log.append([write('two', timeline.now())])
    expect(outcome).toMatchObject({ done: true, seq: 2 })
  })
})

describe('what a run lacks', () => {
  const full = (): Chronicle => ({
    ...createChronicle(),
    clientHours: 10,
    faults: new Map(Object.keys(FAULTS).map((fault) => [fault, 100])),
    branches: new Map(RARE.map((branch) => [branch, 1])),
  })
  it('is nothing where every kind struck and every branch was taken', () => {
    expect(lacks(full())).toEqual([])
  })
  it('is a kind of fault below one in a hundred, a branch that never came to pass, and faults at all', () => {
    const poor = full()
    poor.faults.set('crash', 3)
    poor.branches.delete('gap repair')
    poor.clientHours = 1_000
    const [few, never, all, ...more] = lacks(poor)
    expect([few, never]).toEqual([
      expect.stringContaining('"crash" struck 3 times'),
      '"gap repair" never came to pass',
    ])
    expect(all).toContain('less than 60 an hour')
    expect(more).toEqual([])
  })
})

describe('where a client says that it stands', () => {
  it('goes back with a page that follows nothing, not with one around a place', () => {
    const laws = createWireLaws({
      ...{ user: 'bob', now: () => 0, setbacks: () => 0 },
      ...{ note: () => undefined, reached: () => undefined },
    })
    const line = laws.line()
    const falls = () => laws.faults.filter((fault) => fault.startsWith('I8'))
    const asks = { type: 'sync_request', room: 'general', limit: 50 } as const
    line.said({ ...asks, id: 's1', cursor: 'c.somewhere' })
    line.said({ ...asks, id: 's2', around: { seq: 3 } })
    expect(falls()).toEqual([])
    line.said({ ...asks, id: 's3', pages: 2 })
    expect(falls()).toEqual(['I8: went back from 12 to 0 in general, and nothing was taken away'])
  })
})

describe('the report', () => {
  it('is one page with a plot for each question, which asks nobody for anything and runs nothing', () => {
    const chronicle = { ...createChronicle(), convergedMs: [3_000, 61_000], depths: [[0, 4], [2]] }
    chronicle.faults.set('crash', 7)
    chronicle.branches.set('reset', 2)
    const page = pageOf({ chronicle, hash: 'abc', broken: ['I4: <b>&'] })
    expect(page.match(/<svg /g)).toHaveLength(4)
    expect(page).toContain('I4: &#60;b&#62;&#38;')
    expect(page).toContain('>crash</text>')
    expect(page).not.toMatch(/<script|https?:|NaN|Infinity|undefined/)
    expect(pageOf({ chronicle: createChronicle(), hash: 'abc', broken: [] })).not.toMatch(/NaN|Infinity/)
  })
})

describe('a throttled tab', () => {
  it('has its timers fire late, together, and as they should when it is over', async () => {
    const timeline = createTimeline()
    const { own, throttle } = createTabClock(timeline.clock(), timeline.now)
    const fired: string[] = []
    const startedAt = timeline.now()
    const wakeIn = (ms: number) => own.after(ms, () => fired.push(`${ms} at ${timeline.now() - startedAt}`))
    const stop = throttle(1_000)
    wakeIn(100)
    wakeIn(900)
    wakeIn(1_100)
    await timeline.advance(3_000)
    expect(fired).toEqual(['100 at 1000', '900 at 1000', '1100 at 2000'])
    stop()
    wakeIn(100)
    await timeline.advance(3_000)
    expect(fired.at(-1)).toBe('100 at 3100')
  })
})

describe('a wallet', () => {
  it('gives what its mood says, and its tokens end when they say', async () => {
    const timeline = createTimeline()
    const wallet = createWallet({ user: 'alice', other: 'bob', clock: timeline.clock() })
    expect(readToken(await wallet.token(), 0)).toEqual({ user: 'alice' })
    wallet.mood = 'other'
    expect(readToken(await wallet.token(), 0)).toEqual({ user: 'bob' })
    wallet.mood = 'refused'
    expect(readToken(await wallet.token(), 0)).toBe('refused')
    wallet.mood = 'failing'
    await expect(wallet.token()).rejects.toThrow('no token')
    wallet.mood = 'short'
    const short = await wallet.token()
    expect(readToken(short, timeline.now())).toMatchObject({ user: 'alice' })
    expect(readToken(short, timeline.now() + 60_000)).toBe('expired')
  })
})
