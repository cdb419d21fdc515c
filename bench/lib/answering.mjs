// A server in memory that keeps nothing: every room has as many messages as it is asked to have, and each is made up when it is told.

import { welcomeFrame } from './welcome.mjs'

const MS = 1_900_000_000_000
const words = 'lorem ipsum dolor sit amet, consectetur adipisici elit, sed eiusmod tempor incidunt ut labore'

/** `parts` are the protocol's; each room holds `count` messages. `connect` is for the client, which ends with it. */
export const createAnswering = ({ user, count, parts }) => {
  const cursorAt = (seq) => `c${seq}`
  const placeOf = (cursor) => Number(cursor?.slice(1) ?? 0)
  const entryOf = (room, seq) => ({
    seq,
    messageId: `${room}-message-${seq}`.padEnd(21, '-'),
    id: `${room}-operation-${seq}`.padEnd(21, '-'),
    from: `user-${seq % 500}`,
    stamp: parts.formatStamp(MS - (count - seq) * 7, seq & 15, `node-${seq % 500}`.padEnd(11, '-')),
    ts: MS - (count - seq) * 7 + 40,
    kind: 'create',
    body: { text: `${seq} ${words}` },
    version: 1,
  })
  const page = ({ id, room, dir, cursor, limit = 200 }) => {
    const isBack = dir === 'backward'
    const upper = isBack && cursor === undefined ? count : placeOf(cursor)
    const from = isBack ? Math.max(0, upper - limit) : upper
    const upTo = isBack ? upper : Math.min(count, from + limit)
    return {
      type: 'sync_response',
      id,
      room,
      prev: isBack || cursor !== undefined ? cursorAt(from) : null,
      cursor: cursorAt(upTo),
      seq: upTo,
      head: count,
      hasMore: isBack ? from > 0 : upTo < count,
      messages: Array.from({ length: upTo - from }, (_, i) => entryOf(room, from + i + 1)),
    }
  }
  const subscribed = ({ room }) => ({
    type: 'subscribed',
    room,
    seq: count,
    cursor: cursorAt(count),
    head: count,
    first: 1,
    unread: 0,
  })
  const answers = (frame) => {
    if (frame.type === 'hello') return [welcomeFrame(user, MS), ...(frame.rooms ?? []).map(subscribed)]
    if (frame.type === 'subscribe') return frame.rooms.map(subscribed)
    if (frame.type === 'sync_request') return [page(frame)]
    return []
  }
  return (_, events) => {
    let open = true
    const soon = (act) => void Promise.resolve().then(() => open && act())
    soon(() => events.onOpen())
    return {
      kind: 'answering',
      bufferedAmount: 0,
      send(text) {
        const told = parts.decodeClientText(text).frames.flatMap(answers)
        if (told.length > 0) soon(() => events.onText(parts.encodeFrames(told)))
      },
      close() {
        open = false
      },
    }
  }
}
