import { describe, expect, it } from 'vitest'
import { createSeededRandom } from '../../../src/testing/index.js'
import { newWorld, type Profile, type Tab, texts, type World } from './world.js'

let world: World

const ROOMS = ['a', 'b', 'c'] as const
/** Days on which a tab found messages that another one had written before it. */
const SEEDS = process.env.SEEDS?.split(',').map(Number) ?? [2, 6, 9]

/** A tab with what arrived in each room. */
function start(profile: Profile): Tab & { readonly arrived: Record<string, unknown[]> } {
  const tab = world.tab(profile)
  const arrived: Record<string, unknown[]> = {}
  for (const room of ROOMS) {
    const here: unknown[] = []
    arrived[room] = here
    tab.client.room(room).open()
    tab.client.room(room).arrivals(({ body }) => here.push(body))
  }
  tab.client.connect()
  return { ...tab, arrived }
}

/** Everything that a room holds, read from the newest end to the oldest. */
async function whole({ client }: Tab, room: string): Promise<readonly unknown[]> {
  for (let more = true; more; ) {
    const loading = client.room(room).loadOlder()
    await world.timeline.advance(100)
    more = await loading
  }
  return texts(client, room)
}

/** Bob talks in three rooms. The disk of Alice, who has two tabs, answers in its own time; her connections come and go. */
async function slowDay(seed: number) {
  const dice = createSeededRandom(seed * 7919)
  const between = (low: number, high: number) => low + Math.floor(dice.next() * (high - low))
  world = newWorld({ seed, latencyMs: 15, limits: { rate: null } })
  const profile = world.profile('alice')
  const bob = start(world.profile('bob'))
  const tabs = [start(profile), start(profile)]
  await world.timeline.advance(500)
  let said = 0
  for (let turn = 0; turn < 80; turn++) {
    const release = dice.next() < 0.5 ? profile.disk.hang() : () => undefined
    for (let more = between(0, 8); more > 0; more--) {
      bob.client.room(ROOMS[between(0, 3)] ?? 'a').send(++said)
      await world.timeline.advance(between(0, 400))
    }
    await world.timeline.advance(between(0, 3_500))
    if (dice.next() < 0.2) tabs[between(0, 2)]?.link.drop()
    await world.timeline.advance(between(0, 1_500))
    release()
    await world.timeline.advance(between(0, 200))
  }
  await world.timeline.advance(120_000)
  return { tabs, bob }
}

describe('a disk that often answers later than it is waited for', () => {
  it.each(SEEDS)('hides nothing from any tab, and tells each of everything once (seed %i)', async (seed) => {
    const { tabs, bob } = await slowDay(seed)
    for (const room of ROOMS) {
      const all = await whole(bob, room)
      for (const tab of tabs) {
        expect(await whole(tab, room)).toEqual(all)
        expect(tab.arrived[room]).toEqual(all)
      }
    }
  })
})
