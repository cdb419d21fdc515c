import type { Fields } from '../../protocol/index.js'
import type { Room } from '../api.js'
import { TidingsError } from '../errors.js'
import type { Message, Timeline, TimelineItem } from '../message.js'
import type { Clock } from '../seams/clock.js'

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
  /** Resolves when nobody wants it any more. */
  readonly over: Promise<void>
}

/** Between attempts to ask a server. */
const RETRY_MS = 1_000

const pause = ({ clock, over }: Waiting): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(RETRY_MS, resolve)
    void over.then(cancel).then(resolve)
  })

/**
 * Goes to a place in the room; gives the key of what stands there, null for nothing. Where the device does not hold it, that waits for the
 * server.
 */
async function reach(room: Channel, place: string | number, waiting: Waiting): Promise<string | null> {
  let isOver = false
  void waiting.over.then(() => {
    isOver = true
  })
  for (;;) {
    const jump = await room.jumpTo(place)
    if (jump.found) return jump.key
    // An empty room has no first message.
    if (isOver || (place === EPOCH && jump.reason === 'not_found')) return null
    if (jump.reason !== 'offline') {
      const [code, message] = REFUSALS[jump.reason]
      throw new TidingsError(code, message, { room: room.id })
    }
    await pause(waiting)
    await until(room, ({ status }) => status === 'live', waiting.over)
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
  const key = await reach(room, offset === START ? EPOCH : offset, waiting)
  // Whatever became of that message since: it may have been deleted.
  const place = offset === START || key === null ? 0 : (room.message(key).get()?.seq ?? 0)
  const found = new Map<string, Message<Fields>>()
  const take = async () => {
    await fill(room)
    for (const item of room.timeline.get().items) if (isStored(item)) found.set(item.id, item)
  }
  await take()
  while (room.timeline.get().hasNewer && (await room.loadNewer())) await take()
  const messages = [...found.values()].filter(({ seq }) => (seq ?? 0) > place).sort(inOrder)
  return { place, messages }
}

const inOrder = (a: Message<Fields>, b: Message<Fields>): number => (a.seq ?? 0) - (b.seq ?? 0)

/** What the list holds now, in the order of the log. */
export const held = (room: Channel): readonly Message<Fields>[] =>
  room.timeline.get().items.filter(isStored).sort(inOrder)

/** Resolves when the list of the room is as wanted, or when it is over. */
export function until(
  room: Channel,
  isSo: (timeline: Timeline<Fields>) => boolean,
  over?: Promise<void>,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      stop()
      resolve()
    }
    const look = () => {
      if (isSo(room.timeline.get())) finish()
    }
    const stop = room.timeline.subscribe(look)
    void over?.then(finish)
    look()
  })
}
