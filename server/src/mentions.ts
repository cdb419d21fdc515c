import type { Screen } from './core/operations.js'
import type { Publisher } from './core/publish.js'

/** More names than these in one message are not told. */
const MOST_NAMES = 20
const NAMED = /(?<![\p{L}\p{N}_.@-])@([\p{L}\p{N}_.-]*[\p{L}\p{N}_-])/gu

/** The words of a body of the development mode's pages: `{ text }`. */
function wordsOf(body: string | undefined): string {
  const value: unknown = body === undefined ? null : JSON.parse(body)
  if (typeof value !== 'object' || value === null || !('text' in value)) return ''
  return typeof value.text === 'string' ? value.text : ''
}

/** Who is named in a text, each once. */
export const namesIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(NAMED)].slice(0, MOST_NAMES).flatMap(([, name]) => name ?? [])),
]

/**
 * For the development mode: tells people who are named in a message (`@bob`) by a notification of the kind `mention`. It looks at what is
 * about to be written and refuses nothing; the same message sent twice is told once.
 */
export const createMentions =
  (notify: Publisher['notify'], failed: (cause: unknown) => void): Screen =>
  ({ kind, author, room, id, body }) => {
    if (kind !== 'create') return undefined
    const text = wordsOf(body)
    for (const name of namesIn(text))
      if (name !== author)
        notify(name, 'mention', { from: author, room, text }, { id: `${id} ${name}`.slice(0, 128) }).catch(
          failed,
        )
    return undefined
  }
