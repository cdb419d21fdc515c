import type { Message, NotificationBody } from 'tidings'

/** What the server of this chat tells a person: somebody named them, or answered them. */
export interface Notice {
  readonly key: string
  readonly at: number
  readonly from: string
  readonly room: string
  /** The message it is about, where the server said which. */
  readonly message: string | null
  readonly words: string
  readonly about: string
}

const abouts: Readonly<Record<string, string>> = { mention: 'named you', reply: 'answered you' }

const textIn = (value: object, name: string): string | null => {
  const text: unknown = Reflect.get(value, name)
  return typeof text === 'string' && text !== '' ? text : null
}

/** A notification as this page shows it; null for what it knows nothing of. */
export const noticeOf = ({ key, sentAt, ts, body }: Message<NotificationBody>): Notice | null => {
  if (body === null || typeof body.body !== 'object' || body.body === null) return null
  const from = textIn(body.body, 'from')
  const room = textIn(body.body, 'room')
  if (from === null || room === null) return null
  return {
    ...{ key, from, room, at: ts ?? sentAt },
    message: textIn(body.body, 'message'),
    words: textIn(body.body, 'text') ?? '',
    about: abouts[body.kind] ?? 'wrote',
  }
}
