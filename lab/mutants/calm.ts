import type { Message } from 'tidings/core'
import { createWorld, type Tab, type World } from '../world.js'

/**
 * What works with every mutant that counts: the first three conversations of the protocol, with nothing that breaks. A defect that
 * already shows here would be found by anybody.
 */

const ROOM = 'general'
/** More than a page, less than what is jumped over. */
const WRITTEN = 250
const QUIET_MS = 5_000

const messagesOf = ({ client }: Tab): readonly Message[] =>
  client
    .room(ROOM)
    .timeline.get()
    .items.flatMap((item) => (item.type === 'message' ? item : []))

const shownBy = (tab: Tab): readonly string[] =>
  messagesOf(tab).map(({ id, body, replyTo, status }) => JSON.stringify([id, body, replyTo, status]))

function enter(world: World, user: string): Tab {
  const tab = world.tab(world.profile(user))
  tab.client.room(ROOM).open()
  tab.client.connect()
  return tab
}

const write = ({ client }: Tab, count: number): void => {
  for (let n = 0; n < count; n++) client.room(ROOM).send({ n })
}

function differ(a: Tab, b: Tab, when: string): string | undefined {
  const [one, other] = [shownBy(a), shownBy(b)]
  const most = Math.min(one.length, other.length)
  if (most < 100) return `${when}: one of them shows only ${most} messages`
  if (one.slice(-most).join() !== other.slice(-most).join()) return `${when}: they show different lists`
  for (const { client } of [a, b]) {
    const { pending } = client.outbox.get()
    if (pending > 0) return `${when}: ${client.user} still holds ${pending} operations`
    if (client.room(ROOM).timeline.get().status !== 'live') return `${when}: ${client.user} is not live`
  }
  const waiting = messagesOf(a).find(({ status }) => status !== 'confirmed')
  return waiting && `${when}: ${waiting.key} is ${waiting.status}`
}

/** Plays the three; what went wrong, or nothing. */
export async function talk(): Promise<string | undefined> {
  const world = createWorld({ seed: 1, turns: 1, latencyMs: 25, jitter: true, limits: { rate: null } })
  const { timeline } = world
  try {
    const bob = enter(world, 'bob')
    await timeline.advance(QUIET_MS)
    write(bob, WRITTEN)
    await timeline.advance(QUIET_MS)

    const alice = enter(world, 'alice')
    await timeline.advance(QUIET_MS)
    const cold = differ(alice, bob, 'cold start')
    if (cold !== undefined) return cold

    alice.client.disconnect()
    await timeline.advance(QUIET_MS)
    write(bob, 3)
    await timeline.advance(QUIET_MS)
    alice.client.connect()
    await timeline.advance(QUIET_MS)
    const resumed = differ(alice, bob, 'resume')
    if (resumed !== undefined) return resumed

    const question = messagesOf(alice).at(-1)
    write(alice, 2)
    if (question) alice.client.room(ROOM).send({ n: 'answer' }, { replyTo: question.key })
    await timeline.advance(QUIET_MS)
    return differ(alice, bob, 'send')
  } finally {
    await world.end()
  }
}
