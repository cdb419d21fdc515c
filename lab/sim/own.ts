import type { Message } from 'tidings/core'
import { Broken } from './broken.js'
import type { Judged, Seat } from './stage.js'

const messagesOf = ({ tab }: Seat, room: string) => {
  const { items, hasOlder, hasNewer, status } = tab.client.room(room).timeline.get()
  const messages = items.filter((item): item is Message => item.type === 'message')
  return { messages, status, isWhole: !hasOlder && !hasNewer && messages.length === items.length }
}

/** I6: what somebody writes stands behind everything that was shown then. */
export function inSight(stage: Judged, seat: Seat, room: string): void {
  const last = messagesOf(seat, room).messages.at(-1)
  const intent = last && stage.intents.get(last.key)
  if (intent?.n !== stage.intents.size)
    throw new Broken(`I6: ${seat.name} writes in ${room} and sees it above ${last?.key}`)
}

/** I7: while a list shows all of a room, it shows everything that was written there, but for what is owed to nobody any more. */
export function ownShown({ intents }: Judged, seat: Seat, room: string): void {
  const { messages, status, isWhole } = messagesOf(seat, room)
  // Who was robbed of the device's copy does not know how much there is until the server was heard.
  if (!isWhole || (seat.resets > 0 && status !== 'live')) return
  const keys = new Set(messages.map(({ key }) => key))
  for (const { by, room: where, key, n, lost } of intents.values())
    if (by === seat.name && where === room && !lost && !keys.has(key))
      throw new Broken(`I7: ${seat.name} does not see message ${n} that it wrote in ${room}`)
}
