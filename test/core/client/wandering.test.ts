import { createMemoryLog, type Log, messageIdOf, type Operation } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { formatStamp } from '../../../src/protocol/index.js'
import { createSeededRandom } from '../../../src/testing/index.js'
import { list, roomOf } from './past.js'
import { start } from './steps.js'
import { createWorld, messages, type Profile, type Tab } from './world.js'

const SEEDS = Number(process.env['SEEDS'] ?? 6)
const FIRST = Number(process.env['SEED'] ?? 1)
const STEPS = 60

interface Truth {
  readonly body: unknown
  readonly deleted: boolean
}

/** Two tabs of one reader wander through a long room in which things are written, changed and broken all the time. */
async function wander(seed: number) {
  const dice = createSeededRandom(seed * 104_729 + 7)
  const chance = (share: number) => dice.next() < share
  const upTo = (most: number) => Math.floor(dice.next() * most)
  const world = createWorld({ seed, latencyMs: 20, limits: { rate: null } })
  const operations: Operation[] = []
  let written = 0
  let wroteMs = 0
  /** Whether the log was cut: what a list shows may be of before. */
  let cut = false

  const append = async (added: readonly Operation[]) => {
    operations.push(...added)
    await world.log.append(added)
  }
  const stamp = () => formatStamp(world.timeline.now(), upTo(1_000), 'bobs-clock-')
  /** In the order of the log, so that neighbours there are neighbours in a list. */
  const nextMs = () => {
    wroteMs = Math.max(wroteMs + 1, world.timeline.now())
    return wroteMs
  }
  const write = (count: number) =>
    append(
      Array.from({ length: count }, () => {
        const n = ++written
        return {
          ...{ room: 'general', author: 'bob', id: `b${n}`, kind: 'create' as const, body: String(n) },
          stamp: formatStamp(nextMs(), 0, 'bobs-clock-'),
        }
      }),
    )
  const id = (n: number) => messageIdOf('general', 'bob', `b${n}`)
  const touch = (n: number) => {
    const change = {
      room: 'general',
      author: 'bob',
      id: `c${operations.length}`,
      messageId: id(n),
      stamp: stamp(),
    }
    return append([
      chance(0.7) ? { ...change, kind: 'edit', body: `"${n} again"` } : { ...change, kind: 'delete' },
    ])
  }

  /** What the log holds now, by seq. */
  async function truth(log: Log = world.log): Promise<ReadonlyMap<number, Truth>> {
    const all = new Map<number, Truth>()
    for (let cursor: string | undefined; ; ) {
      const page = await log.page({ room: 'general', dir: 'forward', limit: 500, ...(cursor && { cursor }) })
      if ('lost' in page) throw new Error(page.lost)
      for (const { text } of page.items) {
        const { seq, kind, body, deleted = false } = JSON.parse(text)
        if (kind === 'create') all.set(seq, { body: deleted ? null : body, deleted })
      }
      cursor = page.cursor
      if (!page.hasMore) return all
    }
  }

  /** Between two neighbours of the list nothing is missing, unless a gap says so. */
  function isWhole(tab: Tab, all: ReadonlyMap<number, Truth>): void {
    let last: number | null = null
    for (const item of list(tab).items) {
      if (item.type === 'gap') last = null
      if (item.type !== 'message' || item.seq === null) continue
      for (let seq = (last ?? item.seq) + 1; seq < item.seq; seq++)
        expect(all.has(seq), `${seq} is missing between ${last} and ${item.seq}`).toBe(false)
      if (last !== null) expect(item.seq).toBeGreaterThan(last)
      last = item.seq
    }
    // A disk that refuses leaves everything in memory.
    if (tab.errors.length === 0) expect(list(tab).items.length).toBeLessThanOrEqual(2_100)
  }

  const profile: Profile = world.profile('alice')
  const tabs: Tab[] = []
  const open = () => tabs.push(start(world.tab(profile)))
  const answered: unknown[] = []
  /** A call of a reader; it has to end, whatever happens. */
  const call = (made: Promise<unknown>) => void made.then((answer) => answered.push(answer))
  let calls = 0

  function move(tab: Tab): void {
    const room = roomOf(tab)
    const gap = list(tab).items.find((item) => item.type === 'gap')
    const kind = upTo(10)
    calls++
    if (kind < 3) call(room.loadOlder())
    else if (kind < 5) call(room.loadNewer())
    else if (kind < 7) call(room.jumpTo(id(1 + upTo(written))))
    else if (kind === 7) call(room.jumpTo(world.timeline.now() - upTo(200_000)))
    else if (kind === 8 && gap?.type === 'gap')
      call(room.fillGap(gap, { from: chance(0.5) ? 'older' : 'newer' }))
    else call(room.jumpTo(chance(0.3) ? 'newest' : 'first-unread'))
  }

  let down = false
  async function fault(): Promise<void> {
    const kind = upTo(9)
    const at = upTo(tabs.length)
    const tab = tabs[at] as Tab
    if (kind === 0) tab.link.drop()
    else if (kind === 1) tab.clock.after(upTo(20_000), tab.link.blackHole('down'))
    else if (kind === 2) profile.disk.abortNext('unavailable', 1 + upTo(3))
    else if (kind === 3) {
      tab.crash()
      tabs.splice(at, 1)
      open()
    } else if (kind === 4 && !down) {
      down = true
      world.killServer()
      if (chance(0.5)) await loseTail()
      world.timeline.clock().after(upTo(5_000), () => {
        down = false
        world.startServer()
      })
    } else if (kind === 5) profile.disk.rerunNext(2)
    else if (kind === 6) {
      tab.client.disconnect()
      tab.clock.after(upTo(10_000), () => tab.client.connect())
    } else if (kind === 7) await write(700)
  }

  async function loseTail(): Promise<void> {
    cut = true
    operations.length = Math.max(500, operations.length - upTo(300))
    const shorter = createMemoryLog({ clock: world.timeline.clock() })
    await shorter.append(operations)
    world.setLog(shorter)
  }

  for (let i = 0; i < 30; i++) {
    await write(60)
    await world.timeline.advance(5_000)
  }
  open()
  open()
  await world.timeline.advance(3_000)
  for (let step = 0; step < STEPS; step++) {
    for (const tab of tabs) if (chance(0.8)) move(tab)
    if (chance(0.5)) await write(1 + upTo(5))
    if (chance(0.4)) await touch(1 + upTo(written))
    if (chance(0.25)) await fault()
    await world.timeline.advance(upTo(1_500))
    if (chance(0.3) && !cut) for (const tab of tabs) isWhole(tab, await truth())
  }
  profile.disk.abortNext('unavailable', 0)
  for (const tab of tabs) tab.client.connect()
  await world.timeline.advance(120_000)
  return { world, tabs, truth, isWhole, answered, calls: () => calls, chance }
}

describe('readers who wander through a room on bad days', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => FIRST + i))(
    'are answered, see no silent gap, and in the end everything as it is (seed %i)',
    { timeout: 60_000 },
    async (seed) => {
      const { world, tabs, truth, isWhole, answered, chance } = await wander(seed)
      const all = await truth()
      for (const tab of tabs) {
        expect(list(tab).status).toBe('live')
        isWhole(tab, all)
        const seen = new Map<number, Truth>()
        const look = () => {
          isWhole(tab, all)
          for (const { seq, body, deleted } of messages(tab.client))
            if (seq !== null) seen.set(seq, { body, deleted })
        }
        const during = async (taken: Promise<boolean>) => {
          await world.timeline.advance(100)
          return taken
        }
        const fillGaps = async () => {
          look()
          for (let filled = 0; ; filled++) {
            const gap = list(tab).items.find((item) => item.type === 'gap')
            if (gap?.type !== 'gap') break
            expect(filled).toBeLessThan(300)
            expect(await during(roomOf(tab).fillGap(gap, { from: chance(0.5) ? 'newer' : 'older' }))).toBe(
              true,
            )
            look()
          }
        }
        const walk = async (step: () => Promise<boolean>) => {
          await fillGaps()
          for (let steps = 0; await during(step()); steps++) {
            expect(steps).toBeLessThan(300)
            await fillGaps()
          }
        }
        // What was done to a message while nobody was there stands in a gap: once all are filled, everything is as it is.
        for (let round = 0; round < 2; round++) {
          seen.clear()
          await walk(roomOf(tab).loadOlder)
          expect(list(tab).hasOlder).toBe(false)
          await walk(roomOf(tab).loadNewer)
          expect(list(tab).hasNewer).toBe(false)
        }
        expect([...seen].sort(([a], [b]) => a - b)).toEqual([...all].sort(([a], [b]) => a - b))
      }
      const codes = new Set(tabs.flatMap((tab) => tab.errors.map((error) => error.code)))
      for (const code of codes) expect(['storage', 'server', 'connection']).toContain(code)
      expect(answered.length).toBeGreaterThan(0)
      await world.end()
    },
  )
})
