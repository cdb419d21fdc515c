import type { Fields } from '../../protocol/index.js'
import type { Room } from '../api.js'
import { stageOf } from '../backstage.js'
import { TidingsError } from '../errors.js'
import { lastOf } from '../last-of.js'
import type { Gap, Message, Timeline, TimelineItem } from '../message.js'
import { heldAfter } from '../messages/held-after.js'
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
} as const

const isStored = (item: TimelineItem<Fields>): item is Message<Fields> =>
  item.type === 'message' && item.seq !== null && !item.deleted

/** How a backlog is waited for. */
export interface Waiting {
  readonly clock: Pick<Clock, 'after'>
  /** Resolves when nobody wants it any more. */
  readonly over: Promise<void>
  readonly isOver: () => boolean
}

/** Between attempts to ask a server. */
const RETRY_MS = 1_000
/** So often in a row a server that is heard may give nothing of what lies behind an offset. */
const TRIES = 3

const pause = ({ clock, over }: Waiting): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(RETRY_MS, resolve)
    void over.then(cancel).then(resolve)
  })

const isLive = ({ status }: Timeline<Fields>): boolean => status === 'live'

/** The next attempt: not at once, and only where the server can be asked. */
async function again(room: Channel, waiting: Waiting): Promise<void> {
  await pause(waiting)
  await until(room, isLive, waiting.over)
}

const refusal = (reason: keyof typeof REFUSALS, room: Channel): TidingsError => {
  const [code, message] = REFUSALS[reason]
  return new TidingsError(code, message, { room: room.id })
}

/**
 * Goes to a place in the room; gives the key of what stands there, null for nothing. Where the device does not hold it, that waits for the
 * server.
 */
async function reach(room: Channel, place: string | number, waiting: Waiting): Promise<string | null> {
  for (;;) {
    const jump = await room.jumpTo(place)
    if (jump.found) return jump.key
    // An empty room has no first message.
    if (waiting.isOver() || (place === EPOCH && jump.reason === 'not_found')) return null
    if (jump.reason === 'offline') await again(room, waiting)
    // An own message, or a reader, led the list elsewhere.
    else if (jump.reason === 'superseded') await pause(waiting)
    else throw refusal(jump.reason, room)
  }
}

/** Brings more of what lies behind a position into the list; false when that cannot be had now, or the list stands elsewhere. */
function step(room: Channel, upTo: number): Promise<boolean> {
  const gap = room.timeline
    .get()
    .items.find((item): item is Gap => item.type === 'gap' && item.after === upTo)
  return gap ? room.fillGap(gap, { from: 'older' }) : room.loadNewer()
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
  const { keeper } = stageOf(room).followed
  let from = offset === START ? EPOCH : offset
  const key = await reach(room, from, waiting)
  // Whatever became of that message since: it may have been deleted.
  const place = offset === START || key === null ? 0 : (room.message(key).get()?.seq ?? 0)
  const messages: Message<Fields>[] = []
  /** Everything up to there was looked at. */
  let upTo = place
  /** Takes what follows without a hole, also what the list holds back because it was written long before. */
  const take = (): void => {
    for (let held = heldAfter(keeper, upTo); held && held.upTo > upTo; held = heldAfter(keeper, upTo)) {
      messages.push(...toTell(room, held.messages))
      upTo = held.upTo
    }
    from = lastOf(messages, ({ late }) => !late)?.id ?? from
  }
  take()
  for (let failed = 0; upTo < (keeper.window.position()?.seq ?? 0) && !waiting.isOver(); ) {
    const before = upTo
    const moved = await step(room, upTo)
    take()
    if (upTo > before) failed = 0
    if (moved || upTo > before) continue
    failed += 1
    if (failed > 1) {
      if (!isLive(room.timeline.get())) failed = 1
      else if (failed > TRIES) throw refusal('storage', room)
      await again(room, waiting)
    }
    // The list may have been led elsewhere; whoever reads on may be somebody else by now.
    if (!waiting.isOver()) await reach(room, from, waiting)
    take()
  }
  return { place, messages }
}

const inOrder = (a: Message<Fields>, b: Message<Fields>): number => (a.seq ?? 0) - (b.seq ?? 0)

/** What of these is a message of the channel, in the order of the log. */
const toTell = (room: Channel, stored: readonly { readonly messageId: string }[]): Message<Fields>[] =>
  stored
    .map(({ messageId }) => room.message(messageId).get())
    .filter((message) => message !== null)
    .filter(isStored)
    .sort(inOrder)

/** The newest messages that memory holds, wherever the list stands, in the order of the log. */
export const newest = (room: Channel): readonly Message<Fields>[] =>
  toTell(room, stageOf(room).followed.keeper.window.messages())

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
