import { afterEach, expect, it } from 'vitest'
import { settingsOf } from '../../../examples/react/src/model/room-settings.js'
import { createWorld, type Tab, type World } from '../client/world.js'

let world: World
afterEach(() => world.end())

const FIRST = { id: 'general', name: 'general', topic: null, pinned: null }

/** A tab whose settings somebody looks at. */
function open(tab: Tab) {
  const settings = settingsOf(tab.client, 'general')
  settings.state.subscribe(() => undefined)
  tab.client.connect()
  const shown = () => settings.state.get().items.map(({ record, status }) => ({ ...record, status }))
  return { ...tab, settings, shown }
}

const goOffline = ({ link }: Tab) => {
  link.refuse(true)
  link.drop()
}

it('the settings of the example are changed offline by two people and over a reload, and end the same everywhere', async () => {
  world = createWorld({ latencyMs: 20 })
  const home = world.profile('alice')
  const alice = open(world.tab(home))
  const phone = open(world.tab(world.profile('alice')))
  const bob = open(world.tab(world.profile('bob')))
  await world.timeline.advance(1_000)
  expect(alice.shown()).toEqual([{ ...FIRST, status: 'confirmed' }])

  goOffline(alice)
  goOffline(bob)
  await world.timeline.advance(100)
  alice.settings.update('general', { name: 'Harbour', topic: 'alice, earlier' })
  await world.timeline.advance(5_000)
  bob.settings.update('general', { topic: 'bob, later' })
  bob.settings.update('general', { pinned: 'm-1' })
  expect(alice.shown()).toEqual([{ ...FIRST, name: 'Harbour', topic: 'alice, earlier', status: 'pending' }])
  await world.timeline.advance(1_000)

  alice.crash()
  const again = open(world.tab(home))
  bob.link.refuse(false)
  await world.timeline.advance(60_000)
  const end = { ...FIRST, name: 'Harbour', topic: 'bob, later', pinned: 'm-1', status: 'confirmed' }
  for (const tab of [again, phone, bob]) expect(tab.shown()).toEqual([end])
})

it('the settings of the example keep a name: an empty one is refused here and ignored from elsewhere', async () => {
  world = createWorld({ latencyMs: 20 })
  const alice = open(world.tab(world.profile('alice')))
  const bob = open(world.tab(world.profile('bob')))
  await world.timeline.advance(1_000)
  expect(() => alice.settings.update('general', { name: ' ' })).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  )
  bob.client.room('general:settings').send({ record: 'general', changed: { name: '' } })
  await world.timeline.advance(1_000)
  expect(alice.shown()).toEqual([{ ...FIRST, status: 'confirmed' }])
  expect(settingsOf(alice.client, 'general')).toBe(alice.settings)
})
