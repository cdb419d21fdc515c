import { afterEach, describe, expect, it } from 'vitest'
import { type Broadcast, createBroadcast } from '../../src/adapters/broadcast.js'
import { createTimeline } from '../../src/testing/index.js'
import { macrotask } from '../../src/testing/macrotask.js'

const timeline = createTimeline()
const clock = timeline.clock()
const closing: (() => void)[] = []
let channels = 0
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A channel, the contexts that open it, and somebody who overhears them without a word. */
function setUp() {
  const name = `broadcast-${channels++}`
  const overheard: unknown[] = []
  const ear = new BroadcastChannel(`tidings:${name}`)
  ear.onmessage = (event) => overheard.push(Reflect.get(event, 'data'))
  closing.push(() => ear.close())
  function open(): Broadcast & { readonly told: string[] } {
    const told: string[] = []
    const broadcast = createBroadcast(name, clock, (keys) => told.push(...keys))
    closing.push(broadcast.close)
    return { ...broadcast, told }
  }
  return { open, overheard, say: (message: unknown) => ear.postMessage(message) }
}

/** Until who opened has greeted, and everything that was said is heard: a channel delivers in the next turn of the event loop. */
async function heard(): Promise<void> {
  await timeline.advance(100)
  for (let turn = 0; turn < 20; turn++) await macrotask()
}

describe('telling other tabs', () => {
  it('begins with a greeting, and costs nothing while nobody answers', async () => {
    const here = setUp()
    const one = here.open()
    for (let i = 0; i < 100; i++) one.tell([`k${i}`])
    await heard()
    expect(here.overheard).toEqual(['hello'])
  })

  it('reaches whoever opens later, with what was committed while the greeting was on its way', async () => {
    const here = setUp()
    const one = here.open()
    one.tell(['before'])
    const two = here.open()
    one.tell(['meanwhile'])
    await heard()
    one.tell(['after'])
    two.tell(['back'])
    await heard()
    expect(two.told).toEqual(['before', 'meanwhile', 'after'])
    expect(one.told).toEqual(['back'])
  })

  it('reaches those who were there, with what the newcomer committed before it was answered', async () => {
    const here = setUp()
    const [one, two] = [here.open(), here.open()]
    await heard()
    const three = here.open()
    three.tell(['first', 'second'])
    three.tell(['first'])
    await heard()
    for (const each of [one, two]) expect(each.told.sort()).toEqual(['first', 'second'])
    expect(three.told).toEqual([])
  })

  it('leaves out what was committed long before anybody came: who opens reads it', async () => {
    const here = setUp()
    const one = here.open()
    await heard()
    one.tell(['old', 'again'])
    await timeline.advance(10_001)
    one.tell(['again', 'new'])
    const two = here.open()
    await heard()
    expect(two.told).toEqual(['again', 'new'])
  })

  it('tells every key of the last ten seconds', async () => {
    const here = setUp()
    const one = here.open()
    await heard()
    one.tell(['a', 'b'])
    await timeline.advance(10_000)
    one.tell(['c'])
    const two = here.open()
    await heard()
    expect(two.told).toEqual(['a', 'b', 'c'])
  })

  it('takes whoever tells something for company, greeted or not', async () => {
    const here = setUp()
    const one = here.open()
    one.tell(['kept'])
    here.say(['theirs'])
    await heard()
    one.tell(['after'])
    here.say('something else')
    await heard()
    expect(one.told).toEqual(['theirs'])
    expect(here.overheard).toEqual([['kept'], 'hello', ['after']])
  })

  it('tells all that was committed before the greeting, however late a hidden page makes it', async () => {
    const here = setUp()
    const late = here.open()
    late.tell(['first'])
    clock.jump(60_000)
    late.tell(['second'])
    const two = here.open()
    await heard()
    expect(two.told).toEqual(['first', 'second'])
  })

  it('does not greet when it is closed before, and leaves no timer', async () => {
    const here = setUp()
    const before = timeline.pending
    const one = here.open()
    expect(timeline.pending).toBe(before + 1)
    one.close()
    expect(timeline.pending).toBe(before)
    await heard()
    expect(here.overheard).toEqual([])
  })

  it('ends with the store, and is no error behind its end', async () => {
    const here = setUp()
    const [one, two] = [here.open(), here.open()]
    await heard()
    two.close()
    one.tell(['a'])
    two.tell(['b'])
    await heard()
    expect([one.told, two.told]).toEqual([[], []])
  })
})
