import { afterEach, beforeEach, expect } from 'vitest'
import { receipts } from '../../../src/core/people/receipts.js'
import type { ServerFrames } from '../../../src/protocol/index.js'
import { at, createPuppetWorld, type PuppetWorld, type PuppetWorldOptions } from '../client/puppet-world.js'
import { numbers } from '../client/steps.js'

export const ROOM = 'general'
export const ids = (...seqs: number[]) => seqs.map((seq) => `m${seq}`)

/** Somebody who reads, anew for each test, on a server whose every frame the test writes; in the end nothing of it is left. */
export function reader() {
  let world: PuppetWorld
  beforeEach(() => {
    world = createPuppetWorld()
  })
  afterEach(async () => {
    await world.end()
    expect(world.timeline.pending).toBe(0)
    expect(world.lifecycle.listeners).toBe(0)
  })

  const room = () => world.client.room(ROOM)
  const general = () => receipts(room())
  const settle = () => world.timeline.settle()
  const advance = (ms: number) => world.timeline.advance(ms)
  const told = () => world.framesOf('read_receipt')
  const positions = () => told().map(({ upTo }) => upTo)

  /** The room is live with messages 1 to `head` of bob's, and this user has read up to `mark`. */
  async function live(head: number, mark = 0, entries = numbers(1, head).map((seq) => world.entry(seq))) {
    room().open()
    general()
    await world.welcome()
    await join(head, mark, entries)
  }
  async function join(head: number, mark: number, entries: ServerFrames['sync_response']['messages'] = []) {
    world.server.send({ ...world.subscribed(head), mark, unread: head - mark })
    await settle()
    if (world.framesOf('sync_request').length > 0) world.page(head, entries)
    await settle()
  }
  /** The room is longer than what is loaded: 1,000 messages, of which the last 200 came. */
  async function longRoom(mark: number): Promise<void> {
    room().open()
    await world.welcome()
    world.server.send({ ...world.subscribed(1_000), mark, unread: 1_000 - mark })
    await settle()
    const entries = numbers(801, 1_000).map((seq) => world.entry(seq))
    world.page(1_000, entries, { prev: at(800), hasMore: true })
    await settle()
  }
  const echo = (upTo: number, readBy = 'alice') =>
    world.server.send({
      type: 'read_receipt',
      room: ROOM,
      readers: [{ readBy, upTo, readAt: world.timeline.now() }],
    })
  const cells = () => {
    const store = world.disk.names().find((name) => name.startsWith('tidings.outbox.')) ?? ''
    return world.disk.entries(store).filter(([key]) => key.startsWith('c/'))
  }
  /** The connection breaks and comes back; the room was not answered yet. */
  async function reconnect(head: number, mark: number): Promise<void> {
    world.server.drop()
    await settle()
    await world.welcome()
    world.server.send({ ...world.subscribed(head), mark, unread: 0 })
    await settle()
  }

  /** Goes on with another client, on a world of other options. */
  async function renew(options: PuppetWorldOptions): Promise<void> {
    await world.end()
    world = createPuppetWorld(options)
  }

  return {
    world: () => world,
    renew,
    room,
    general,
    settle,
    advance,
    told,
    positions,
    live,
    join,
    longRoom,
    echo,
    cells,
    reconnect,
  }
}
