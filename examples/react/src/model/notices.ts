import type { Message, NotificationBody } from 'tidings'

/** What the server of this chat tells a person: somebody named them. */
export interface Notice {
  readonly key: string
  readonly at: number
  readonly from: string
  readonly room: string
  readonly words: string
}

const textIn = (value: object, name: string): string | null => {
  const text: unknown = Reflect.get(value, name)
  return typeof text === 'string' && text !== '' ? text : null
}

/** A notification as this page shows it; null for what it knows nothing of. */
export const noticeOf = ({ key, sentAt, ts, body }: Message<NotificationBody>): Notice | null => {
  if (body?.kind !== 'mention' || typeof body.body !== 'object' || body.body === null) return null
  const from = textIn(body.body, 'from')
  const room = textIn(body.body, 'room')
  if (from === null || room === null) return null
  return { key, from, room, at: ts ?? sentAt, words: textIn(body.body, 'text') ?? '' }
}
