import { isJson, type Json, utf8Bytes, WIRE } from '../protocol/index.js'
import { TidingsError } from './errors.js'
import type { Entry } from './messages/entry.js'
import type { Hlc } from './messages/hlc.js'
import type { Outbox } from './messages/outbox.js'
import type { Random } from './seams/random.js'

/** A body as it will travel: a copy, so that what the caller does with the object later changes nothing. Throws a TidingsError. */
export function takeBody(body: unknown): { readonly body: Json; readonly bytes: number } {
  if (!isReadable(body)) {
    const message = `A body must be JSON of at most ${WIRE.bodyDepth} levels: no dates, maps, functions or NaN. Nothing was sent.`
    throw new TidingsError('invalid_body', message)
  }
  const text = JSON.stringify(body)
  const bytes = utf8Bytes(text)
  if (bytes > WIRE.bodyBytes) {
    const message = `A body may have ${WIRE.bodyBytes} bytes of JSON; this one has ${bytes}. Nothing was sent: shorten or split it.`
    throw new TidingsError('too_large', message)
  }
  const copy: Json = JSON.parse(text)
  return { body: copy, bytes }
}

function isReadable(body: unknown): body is Json {
  try {
    return isJson(body, WIRE.bodyDepth)
  } catch {
    // A getter or a proxy of the caller's.
    return false
  }
}

/** What makes an operation more than its kind. */
export interface Draft {
  readonly kind: Entry['kind']
  readonly body?: Json
  readonly bytes?: number
  readonly replyTo?: string
  readonly target?: string
  readonly baseVersion?: number
  readonly base?: Json
  readonly after?: string
}

/** Makes outbox entries: id, stamp and time come from here. */
export const createComposer =
  (parts: {
    readonly random: Random
    readonly hlc: Hlc
    /** For the largest stamp that any tab of the profile gave: one author's messages keep their order over all of them. */
    readonly outbox: Pick<Outbox, 'largestStamp'>
    readonly serverNow: () => number
    readonly birth: (id: string) => Pick<Entry, 'attempts' | 'at' | 'claim'>
  }) =>
  (room: string, draft: Draft): Entry => {
    const id = parts.random.id()
    parts.hlc.observe(parts.outbox.largestStamp())
    return {
      id,
      room,
      ...draft,
      bytes: draft.bytes ?? 0,
      stamp: parts.hlc.tick(),
      createdAt: Math.max(0, Math.round(parts.serverNow())),
      state: 'queued',
      ...parts.birth(id),
    }
  }

export type Compose = ReturnType<typeof createComposer>
