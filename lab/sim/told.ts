import type { Change } from 'tidings/core'
import { messageIdOf } from 'tidings-server/core'
import { Broken } from './broken.js'
import type { Judged, Seat } from './stage.js'

/** What the author of a message was told became of a change of it. */
export interface Told {
  readonly user: string
  readonly room: string
  readonly key: string
  readonly what: 'edit' | 'remove'
  /** It was decided on the device, before that knew of the server having the message. */
  readonly aboard: boolean
}

/** Takes note when the author hears that the change is confirmed. Changes that fail, or whose author is gone, are owed to nobody. */
export function hear(
  stage: Judged,
  seat: Seat,
  told: Pick<Told, 'room' | 'key' | 'what'>,
  change: Change,
): void {
  const { user } = seat.profile
  const aboard = (seat.tab.client.room(told.room).message(told.key).get()?.seq ?? null) === null
  change.confirmed().then(
    () => stage.told.push({ ...told, user, aboard }),
    () => undefined,
  )
}

interface Shown {
  readonly id: string
  readonly body: unknown
  readonly deleted: boolean
}

const isEdited = (body: unknown): boolean => typeof body === 'object' && body !== null && 'edit' in body

/**
 * I1 for changes, as long as the server lost nothing: an edit that was confirmed is there, or one that came later; what was removed is
 * gone. What was decided on a device alone is owed to nobody once an older state of that device is back.
 */
export function keptWord({ told, rewound }: Judged, room: string, messages: readonly Shown[]): void {
  const byId = new Map(messages.map((message) => [message.id, message]))
  for (const { user, key, what, aboard } of told.filter((one) => one.room === room)) {
    if (aboard && rewound?.has(user)) continue
    const message = byId.get(messageIdOf(room, user, key))
    if (!message || message.deleted) continue
    if (what === 'remove') throw new Broken(`I1: ${key} in ${room} stands, though its removal was confirmed`)
    if (!isEdited(message.body))
      throw new Broken(`I1: ${key} in ${room} has its first words, though an edit was confirmed`)
  }
}
