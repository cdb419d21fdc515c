import type { Room } from '../api.js'
import { onePer, type RoomStage, stageOf } from '../backstage.js'
import type { Message, MessageStatus } from '../message.js'
import type { Readable } from '../seams/readable.js'
import { createView } from '../view.js'
import { createOthers } from './others-reading.js'
import { createOwnReading } from './own-reading.js'
import type { Reader, Readers } from './readers.js'

/** Who has read how far in a room, at one moment. */
export interface ReceiptsState {
  /** Position up to which this user has read, on any device; null before anybody said. */
  readonly mark: number | null
  /** The others, the furthest first; at most 10,000. Made when it is first looked at, so a page that does not show it pays nothing. */
  readonly readers: readonly Reader[]
}

/** Who has read what in a room, and what this user has read there. */
export interface Receipts {
  /** The room is followed while this is subscribed; what is known otherwise may be old. */
  readonly state: Readable<ReceiptsState>
  /**
   * The other users who have read a message, its author left out: the furthest first, empty while it is not confirmed or not loaded.
   * Takes a key, temporary or server id. Told only when the list changed. The room is followed while it is subscribed.
   */
  readonly readBy: (reference: string) => Readable<readonly string[]>
  /**
   * Messages were seen: by key or id, or, without any, everything that this device was told of the room. Own, unknown and repeated ones
   * change nothing. The mark is the last position below which this user saw every message of others, so what comes late holds it back
   * until it was seen as well. It is told after 500 ms, kept over reloads until the server has it, and never goes back. Never throws.
   */
  readonly markRead: (references?: string | readonly string[]) => void
}

/** How far a message has come: its status until it is confirmed, then `sent`, and `read` once somebody else has read it. */
export type Delivery = Exclude<MessageStatus, 'confirmed'> | 'sent' | 'read'

/** Says how far a message has come, from what is shown of it and who has read it. Nothing of it is stored. */
export const deliveryOf = (message: Pick<Message, 'status'>, readBy: readonly string[]): Delivery => {
  if (message.status !== 'confirmed') return message.status
  return readBy.length > 0 ? 'read' : 'sent'
}

const receiptsOf = /* @__PURE__ */ onePer<object, Receipts>((room) => createReceipts(stageOf(room)))

/** The receipts of a room; always the same for the same room. Throws a TidingsError `invalid_argument` for a room of another making. */
export const receipts = <Body, Input>(room: Room<Body, Input>): Receipts => receiptsOf(room)

function createReceipts(stage: RoomStage): Receipts {
  const { client, followed } = stage
  const others = createOthers(stage)
  const own = createOwnReading(stage)
  let release: (() => void) | undefined
  /** What the last state was made of: lists are the same until somebody moved. */
  let shown = -1
  const state = createView<ReceiptsState>(
    (last) => {
      const mark = followed.mark()
      if (last?.mark === mark && shown === others.changes()) return last
      shown = others.changes()
      return stateOf(mark, others.readers)
    },
    client.onThrow,
    (watched) => {
      release?.()
      release = watched ? others.hold() : undefined
    },
  )
  others.onChange(state.touch)
  client.onEnd(
    followed.watch(() => {
      others.look()
      own.look()
      if (state.get().mark !== followed.mark()) state.touch()
    }),
  )
  return {
    state: { get: state.get, subscribe: state.subscribe },
    readBy: others.readBy,
    markRead: own.markRead,
  }
}

function stateOf(mark: number | null, readers: Readers): ReceiptsState {
  let made: readonly Reader[] | undefined
  return Object.freeze({
    mark,
    get readers() {
      made ??= readers.list()
      return made
    },
  })
}
