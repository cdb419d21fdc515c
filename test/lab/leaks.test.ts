import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Client, Platform } from 'tidings/core'
import { describe, expect, it } from 'vitest'
import { createHeapGauge } from '../../lab/heap.js'
import { playDay } from '../../lab/leaks/day.js'
import { playLifecycles } from '../../lab/leaks/lifecycles.js'
import { createView } from '../../src/core/view.js'

const program = fileURLToPath(new URL('../../tools/leaks.mjs', import.meta.url))
const MEGABYTE = 1024 * 1024

function leaks(...words: readonly string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out }))
  })
}

it('a thousand clients leave nothing, and a day of 100,000 messages grows nothing', {
  timeout: 240_000,
}, async () => {
  const { code, out } = await leaks('--lives', '1000', '--messages', '100000', '--json')
  const { lifecycles, day } = JSON.parse(out)
  expect(lifecycles.left).toEqual([])
  expect(lifecycles.lives).toBe(1_000)
  // Everything happened to some of them.
  expect(Math.min(...Object.values<number>(lifecycles.deeds))).toBeGreaterThan(50)
  expect(Object.keys(lifecycles.deeds)).toHaveLength(22)
  expect(day).toMatchObject({ messages: 100_000, reconnects: 999 })
  expect(day.growthBytes).toBeLessThan(2 * MEGABYTE)
  expect(code).toBe(0)
})

it('a list that nobody looks at any more is let go of', async () => {
  const gauge = createHeapGauge()
  let rows = Array.from({ length: 1_000 }, (_, i) => ({ i }))
  const old = new WeakRef(rows)
  const view = createView(
    () => rows,
    () => {},
  )
  view.subscribe(() => {})()
  rows = []
  view.touch()
  expect(view.get()).toEqual([])
  // What a WeakRef was made of lives until the end of its turn.
  await new Promise((resolve) => setImmediate(resolve))
  gauge.usedBytes()
  expect(old.deref()).toBeUndefined()
})

describe('a leak is caught', { timeout: 120_000 }, () => {
  const leftBy = async (seams: (platform: Platform) => Platform) =>
    (await playLifecycles({ seed: 1, count: 20, seams })).left.join()

  it('of a timer', async () => {
    const seams = (platform: Platform): Platform => ({
      ...platform,
      connect(url, events) {
        platform.clock.after(2 ** 40, () => {})
        return platform.connect(url, events)
      },
    })
    expect(await leftBy(seams)).toContain('timers')
  })
  it('of a listener', async () => {
    const seams = (platform: Platform): Platform => ({
      ...platform,
      lifecycle: {
        listen(fn) {
          platform.lifecycle.listen(() => {})
          return platform.lifecycle.listen(fn)
        },
      },
    })
    expect(await leftBy(seams)).toContain('listeners')
  })
  it('of an open store', async () => {
    const seams = (platform: Platform): Platform => ({
      ...platform,
      storage: {
        ...platform.storage,
        async open(name) {
          const store = await platform.storage.open(name)
          return { ...store, close: async () => {} }
        },
      },
    })
    expect(await leftBy(seams)).toContain('stores')
  })
  it('of a lock', async () => {
    const seams = ({ locks, ...platform }: Platform): Platform => ({
      ...platform,
      ...(locks && {
        locks: {
          request(...request) {
            locks.request(...request)
            return () => {}
          },
        },
      }),
    })
    expect(await leftBy(seams)).toContain('locks')
  })
  it('of what a page keeps of each message', async () => {
    const kept: unknown[] = []
    const page = (client: Client) =>
      void client.room('general').arrivals((message) => kept.push({ ...message }))
    const { growthBytes } = await playDay({ messages: 30_000, page })
    expect(kept.length).toBeGreaterThan(29_000)
    expect(growthBytes).toBeGreaterThan(3 * MEGABYTE)
  })
})
