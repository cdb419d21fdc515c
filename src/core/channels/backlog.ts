import type { Room } from '../api.js'
import { TidingsError } from '../errors.js'
import type { Message, Timeline, TimelineItem } from '../message.js'
import type { Clock } from '../seams/clock.js'
import type { Fields } from './channel-message.js'

type Channel = Room<Fields>

/** From the first message on. */
export const START = '0'
/** The beginning of time: the first message is not older. */
const EPOCH = 0

const REFUSALS = {
  not_found: [
    'not_found',
    'This offset is not in the channel. Subscribe from "0" for everything, or "$" for what is new.',
  ],
  storage: ['storage', 'The device has no place for what lies behind this offset. Try again.'],
  superseded: ['storage', 'The list of the channel was taken elsewhere meanwhile. Try again.'],
} as const

const isStored = (item: TimelineItem<Fields>): item is Message<Fields> =>
  item.type === 'message' && item.seq !== null && !item.deleted

/** Fills what is missing between the messages of the list. */
async function fill(room: Channel): Promise<void> {
  for (;;) {
    const gap = room.timeline.get().items.find((item) => item.type === 'gap')
    if (!gap || !(await room.fillGap(gap, { from: 'older' }))) return
  }
}

/** How a backlog is waited for. */
export interface Waiting {
  readonly clock: Pick<Clock, 'after'>
  /** Nobody wants it any more. */
  readonly isOver: () => boolean
}

/** Between attempts to ask a server. */
const RETRY_MS = 1_000

/** Goes to a place in the room. Where the device does not hold it, that waits for the server. */
async function reach(room: Channel, place: string | number, { clock, isOver }: Waiting): Promise<void> {
  for (;;) {
    const jump = await room.jumpTo(place)
    // An empty room has no first message.
    if (jump.found || isOver() || (place === EPOCH && jump.reason === 'not_found')) return
    if (jump.reason !== 'offline') {
      const [code, message] = REFUSALS[jump.reason]
      throw new TidingsError(code, message, { room: room.id })
    }
    await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve))
    await until(room, ({ status }) => status === 'live' || isOver())
  }
}

/** Where an offset stands, and what stands behind it. */
export interface Backlog {
  readonly place: number
  readonly messages: readonly Message<Fields>[]
}

/**
 * What stands behind an offset, in the order of the log. Waits for the server where the device does not hold it, as long as it is
 * wanted. Rejects with a TidingsError `not_found` or `storage`.
 */
export async function behind(room: Channel, offset: string, waiting: Waiting): Promise<Backlog> {
  await reach(room, offset === START ? EPOCH : offset, waiting)
  const found = new Map<string, Message<Fields>>()
  const take = async () => {
    await fill(room)
    for (const item of room.timeline.get().items) if (isStored(item)) found.set(item.id, item)
  }
  await take()
  while (room.timeline.get().hasNewer && (await room.loadNewer())) await take()
  const place = offset === START ? 0 : placeOf(found, offset)
  const messages = [...found.values()].filter(({ seq }) => (seq ?? 0) > place).sort(inOrder)
  return { place, messages }
}

const placeOf = (found: ReadonlyMap<string, Message<Fields>>, offset: string): number =>
  [...found.values()].find(({ id, key }) => id === offset || key === offset)?.seq ?? 0

const inOrder = (a: Message<Fields>, b: Message<Fields>): number => (a.seq ?? 0) - (b.seq ?? 0)

/** What the list holds now, in the order of the log. */
export const held = (room: Channel): readonly Message<Fields>[] =>
  room.timeline.get().items.filter(isStored).sort(inOrder)

/** Resolves when the list of the room is as wanted. */
export function until(room: Channel, isSo: (timeline: Timeline<Fields>) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo(room.timeline.get())) return
      stop()
      resolve()
    }
    const stop = room.timeline.subscribe(look)
    look()
  })
}
