import type { Message } from 'tidings'

/** What this chat writes. */
export type ChatBody = { readonly text: string }

/** The words of a body. Other programs may write to the same room, so nothing is taken for granted. */
export const textOf = (body: Message['body']): string => {
  if (typeof body === 'string') return body
  if (typeof body === 'object' && body !== null && 'text' in body && typeof body.text === 'string')
    return body.text
  return JSON.stringify(body)
}
