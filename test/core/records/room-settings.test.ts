import { expect, it } from 'vitest'
import { pinName, pinOf, settingsOf } from '../../../examples/react/src/model/settings.js'
import { newWorld, type Tab, type World } from '../client/world.js'

let world: World

const ABOUT = { id: 'about', title: '', topic: '' }

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
  world = newWorld({ latencyMs: 20 })
  const home = world.profile('alice')
  const alice = open(world.tab(home))
  const phone = open(world.tab(world.profile('alice')))
  const bob = open(world.tab(world.profile('bob')))
  await world.timeline.advance(1_000)
  expect(alice.shown()).toEqual([{ ...ABOUT, status: 'confirmed' }])

  goOffline(alice)
  goOffline(bob)
  await world.timeline.advance(100)
  alice.settings.update('about', { title: 'Harbour', topic: 'alice, earlier' })
  const pin = pinOf('m-1', 'bob', 'Lunch at one')
  alice.settings.add(pin)
  await world.timeline.advance(5_000)
  bob.settings.update('about', { topic: 'bob, later' })
  bob.settings.add(pin)
  expect(alice.shown()).toEqual([
    { ...ABOUT, title: 'Harbour', topic: 'alice, earlier', status: 'pending' },
    { ...pin, status: 'pending' },
  ])
  await world.timeline.advance(1_000)

  alice.crash()
  const again = open(world.tab(home))
  bob.link.refuse(false)
  await world.timeline.advance(60_000)
  const about = { ...ABOUT, title: 'Harbour', topic: 'bob, later', status: 'confirmed' }
  // Pinned by both, it is pinned once.
  for (const tab of [again, phone, bob]) expect(tab.shown()).toEqual([about, { ...pin, status: 'confirmed' }])

  bob.settings.remove(pinName('m-1'))
  await world.timeline.advance(1_000)
  for (const tab of [again, phone, bob]) expect(tab.shown()).toEqual([about])
})

it('the settings of the example ignore what another program makes of them', async () => {
  world = newWorld({ latencyMs: 20 })
  const alice = open(world.tab(world.profile('alice')))
  const bob = open(world.tab(world.profile('bob')))
  await world.timeline.advance(1_000)
  const room = bob.client.room('settings of general')
  room.send({ record: 'about', changed: { topic: 42 } })
  room.send({ record: 'pin m', added: { id: 'pin m', message: 'm' } })
  await world.timeline.advance(1_000)
  expect(alice.shown()).toEqual([{ ...ABOUT, status: 'confirmed' }])
  expect(settingsOf(alice.client, 'general')).toBe(alice.settings)
})
