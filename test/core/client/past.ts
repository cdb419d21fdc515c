import { messageIdOf } from 'tidings-server'
import { formatStamp } from '../../../src/protocol/index.js'
import { start } from './steps.js'
import { messages, type Tab, type World } from './world.js'

/** Messages of bob's, a millisecond apart; their bodies are their numbers. */
export async function fill(world: World, count: number, from = 1): Promise<void> {
  const now = world.timeline.now()
  const operations = Array.from({ length: count }, (_, i) => ({
    ...{
      room: 'general',
      author: 'bob',
      id: `b${from + i}`,
      kind: 'create' as const,
      body: String(from + i),
    },
    stamp: formatStamp(now + i, 0, 'bobs-clock-'),
  }))
  for (let i = 0; i < count; i += 1_000) await world.log.append(operations.slice(i, i + 1_000))
  await world.timeline.advance(count)
}

/** The same, each taken by the server in its own second. */
export async function fillSlowly(world: World, count: number, from = 1): Promise<void> {
  for (let i = from; i < from + count; i++) {
    await fill(world, 1, i)
    await world.timeline.advance(999)
  }
}

/** A client of alice's that is live in the room. */
export async function arrive(world: World, profile = world.profile('alice')): Promise<Tab> {
  const tab = start(world.tab(profile))
  await world.timeline.advance(2_000)
  return tab
}

/** Runs virtual time until a promise has settled. */
export async function during<T>(world: World, promise: Promise<T>, ms = 1_000): Promise<T> {
  await world.timeline.advance(ms)
  return promise
}

/** The id of the n-th message that `fill` wrote. */
export const id = (n: number) => messageIdOf('general', 'bob', `b${n}`)

export const roomOf = ({ client }: Tab) => client.room('general')
export const list = (tab: Tab) => roomOf(tab).timeline.get()

/** What the list shows: numbers, texts and gaps. */
export const shape = (tab: Tab) =>
  list(tab).items.map((item) => (item.type === 'message' ? item.body : item.type))

export const keyOf = (tab: Tab, body: unknown): string => {
  const found = messages(tab.client).find((message) => message.body === body)
  if (!found) throw new Error(`${JSON.stringify(body)} is not in the list.`)
  return found.key
}

/** No silent gap: neighbours in the log are neighbours in the list, or a gap stands between. */
export function isContinuous(tab: Tab): boolean {
  let last: number | null = null
  for (const item of list(tab).items) {
    if (item.type === 'gap') last = null
    if (item.type !== 'message' || item.seq === null) continue
    if (last !== null && item.seq !== last + 1) return false
    last = item.seq
  }
  return true
}
