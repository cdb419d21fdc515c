import { describe, expect, it } from 'vitest'
import type { Gap } from '../../../src/core/message.js'
import { fill } from './past.js'
import { start } from './steps.js'
import { messages, newWorld, type Tab, type World } from './world.js'

let world: World

const gapsOf = ({ client }: Tab): readonly Gap[] =>
  client
    .room('general')
    .timeline.get()
    .items.flatMap((item) => (item.type === 'gap' ? item : []))

/** The numbers of the log that a room shows, in the order in which it shows them. */
const shown = ({ client }: Tab) => messages(client).map((message) => message.seq)
const from1 = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

/** Bob writes some messages while alice is there and 900 while she is away; then she is back. */
async function comeBackFarBehind(before = 60): Promise<Tab> {
  world = newWorld({ latencyMs: 5, limits: { rate: null } })
  const alice = start(world.tab(world.profile('alice')))
  await world.timeline.advance(100)
  await fill(world, before)
  await world.timeline.advance(1_000)
  alice.client.disconnect()
  await fill(world, 900, before + 1)
  alice.client.connect()
  await world.timeline.advance(5_000)
  return alice
}

describe('a replica that is far behind', () => {
  it('shows the newest page at once, and says what is missing before it', async () => {
    const alice = await comeBackFarBehind()
    expect(shown(alice).at(-1)).toBe(960)
    const [gap] = gapsOf(alice)
    expect(gap).toMatchObject({ after: 60, before: 761 })
    expect(shown(alice)).toEqual(from1(960).filter((seq) => seq <= 60 || seq > 760))
  })

  it('fills the gap from its newer end, page by page, until nothing is missing', async () => {
    const alice = await comeBackFarBehind()
    for (let gap = gapsOf(alice)[0]; gap; gap = gapsOf(alice)[0]) {
      const filled = alice.client.room('general').fillGap(gap)
      await world.timeline.advance(1_000)
      expect(await filled).toBe(true)
    }
    expect(shown(alice)).toEqual(from1(960))
  })

  it('says so too in a room that was empty when it left (I9)', async () => {
    const alice = await comeBackFarBehind(0)
    expect(shown(alice)).toEqual(from1(900).slice(700))
    const [gap] = gapsOf(alice)
    expect(gap).toMatchObject({ after: 0, before: 701 })
    for (let next = gap; next; next = gapsOf(alice)[0]) {
      const filled = alice.client.room('general').fillGap(next)
      await world.timeline.advance(1_000)
      expect(await filled).toBe(true)
    }
    expect(shown(alice)).toEqual(from1(900))
  })

  it('follows what is written after it came back', async () => {
    const alice = await comeBackFarBehind()
    start(world.tab(world.profile('carol')))
      .client.room('general')
      .send('and now')
    await world.timeline.advance(5_000)
    expect(shown(alice).at(-1)).toBe(961)
    expect(gapsOf(alice)).toHaveLength(1)
  })
})
