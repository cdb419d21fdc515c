import { act, cleanup, render, screen, within } from '@testing-library/react'
import { onTestFinished } from 'vitest'
import { createCell } from '../../../examples/react/src/model/cell.js'
import type { Session } from '../../../examples/react/src/model/session.js'
import { RoomView } from '../../../examples/react/src/view/room-view.js'
import type { Client } from '../../../src/core/api.js'
import { backstageOf, furnishClient, furnishRoom, stageOf } from '../../../src/core/backstage.js'
import type { Message, Timeline } from '../../../src/core/message.js'
import { TidingsProvider } from '../../../src/react/index.js'
import { createWorld } from '../../core/client/world.js'
import { createFakeClient, emptyTimeline, messageOf } from '../fake-client.js'

/** The driven client, with a real one behind it that was never asked to connect: for functions over a client, and for other rooms. */
const furnished = (driven: Client): Client => {
  const world = createWorld()
  onTestFinished(() => world.end())
  const real = world.tab(world.profile('alice')).client
  const room: Client['room'] = (id: string, ...more: readonly unknown[]) =>
    id === 'general' ? driven.room(id) : Reflect.apply(real.room, real, [id, ...more])
  const client = { ...driven, room }
  furnishClient(client, backstageOf(real))
  furnishRoom(driven.room('general'), stageOf(real.room('general')))
  return client
}

/** The room `general` as alice sees it, over a client that the test drives. It is gone with the test, and what it kept in the window too. */
export const openRoom = () => {
  // Asked for by each test: files share this module where they are not kept apart, and hooks beside it would serve one file only.
  onTestFinished(() => {
    cleanup()
    sessionStorage.clear()
  })
  const fake = createFakeClient()
  const client = furnished(fake.client)
  const offline = createCell(false)
  const session: Session = {
    user: 'alice',
    client,
    rooms: { ...createCell<readonly string[]>(['general']), add: () => {} },
    offline,
    setOffline: offline.set,
  }
  render(
    <TidingsProvider client={client}>
      <RoomView session={session} room="general" onMenu={() => {}} />
    </TidingsProvider>,
  )
  const { timeline, sent, asked, refuseWith, messageCell } = fake.roomOf('general')
  const show = (items: Timeline['items'], more: Partial<Timeline> = {}) =>
    act(() => {
      for (const item of items) if (item.type === 'message') messageCell(item.key).set(item)
      timeline.set({ ...emptyTimeline, status: 'live', items, ...more })
    })
  return { ...fake, offline, sent, asked, refuseWith, messageCell, show }
}

export const rows = () =>
  within(screen.getByRole('log'))
    .queryAllByRole('listitem')
    .filter((row) => row.dataset['key'])

export const own = (key: string, more: Partial<Message>): Message => ({
  ...messageOf(key, key),
  from: 'alice',
  ...more,
})
