import type { Json } from '../protocol/index.js'
import type { Room } from './api.js'
import { alias } from './backstage.js'
import { takeBody } from './composer.js'
import type { ConflictRules, OnConflict, Resolution } from './conflicts.js'
import { TidingsError } from './errors.js'
import type { Message, Timeline, TimelineItem, Unreadable } from './message.js'
import { type BodySchema, checkedBy, type Read, readBy } from './schema.js'
import { isThenable } from './thenable.js'

/** A room as an application sees it, and what happens in it to conflicts. */
export interface Face<Body, Input = Body> {
  readonly room: Room<Body, Input>
  readonly decideBy: (rules: ConflictRules<Body, Input>) => void
}

/** A room over bodies as they travel. It takes anything and checks that it is JSON. */
export interface RawFace extends Face<Json> {
  readonly room: Room<Json, unknown>
}

type Row<Body> = Message<Body> | Unreadable

/** A room seen through a schema: it says what may be written, and makes of each body what is read. */
export function typeRoom<Body, Input>(
  { room: raw, decideBy }: RawFace,
  schema: BodySchema<Input, Body>,
  onError: (error: TidingsError) => void,
): Face<Body, Input> {
  const rows = createRows(schema)
  const messageOf = (message: Message | null): Message<Body> | null => {
    const row = message && rows.of(message)
    return row?.type === 'message' ? row : null
  }
  const room: Room<Body, Input> = {
    ...raw,
    timeline: { get: () => rows.list(raw.timeline.get()), subscribe: raw.timeline.subscribe },
    send(body, options) {
      const value = checkedBy(schema, body)
      const { message, confirmed, ...sent } = raw.send(body, options)
      const shown = (now: Message): Message<Body> => messageOf(now) ?? { ...now, body: value }
      return { ...sent, message: shown(message), confirmed: async () => shown(await confirmed()) }
    },
    edit(reference, body, options) {
      checkedBy(schema, body)
      return raw.edit(reference, body, options)
    },
    message(key) {
      const plain = raw.message(key)
      return { get: () => messageOf(plain.get()), subscribe: plain.subscribe }
    },
    arrivals: (listener) =>
      raw.arrivals((arrived) => {
        const message = messageOf(arrived)
        if (message) return listener(message)
        const why = 'A message that came in does not fit the schema. It is in the timeline, as unreadable.'
        return onError(new TidingsError('bad_entry', why, { room: raw.id }))
      }),
  }
  alias(room, raw)
  return {
    room,
    decideBy({ onConflict, ...rules }) {
      decideBy({ ...rules, ...(onConflict && { onConflict: rawly(onConflict, schema, messageOf) }) })
    },
  }
}

/** Validates each row once, when it is looked at first; the same row gives the same object. */
function createRows<Body>(schema: BodySchema<unknown, Body>) {
  const rows = new WeakMap<Message, Row<Body>>()
  const bodies = new WeakMap<object, Read<Body>>()
  let last: { readonly raw: Timeline; readonly list: Timeline<Body> } | undefined

  function read(body: Json): Read<Body> {
    const known = typeof body === 'object' && body !== null ? bodies.get(body) : undefined
    if (known) return known
    const result = readBy(schema, body)
    if (typeof body === 'object' && body !== null) bodies.set(body, result)
    return result
  }

  function make(message: Message): Row<Body> {
    const { key, id, from, stamp, seq, body } = message
    if (message.deleted) return { ...message, body: null }
    const result = read(body)
    if (result.fits) return { ...message, body: result.value }
    return { type: 'unreadable', key, id, from, stamp, seq, issues: result.issues }
  }

  function of(message: Message): Row<Body> {
    const known = rows.get(message)
    if (known) return known
    const row = make(message)
    rows.set(message, row)
    return row
  }

  const itemOf = (item: TimelineItem): TimelineItem<Body> => (item.type === 'message' ? of(item) : item)

  return {
    of,
    list(raw: Timeline): Timeline<Body> {
      if (last?.raw === raw) return last.list
      const items = last?.raw.items === raw.items ? last.list.items : Object.freeze(raw.items.map(itemOf))
      const list = Object.freeze({ ...raw, items })
      last = { raw, list }
      return list
    },
  }
}

/** Who decides over bodies as they travel, from who decides over what the schema reads. */
function rawly<Body, Input>(
  onConflict: OnConflict<Body, Input>,
  schema: BodySchema<Input, Body>,
  messageOf: (message: Message | null) => Message<Body> | null,
): OnConflict {
  const readOrNull = (body: Json | null): Body | null => {
    const read = body === null ? undefined : readBy(schema, body)
    return read?.fits ? read.value : null
  }
  const checked = (answer: Resolution<Input>): Resolution => {
    if (typeof answer !== 'object') return answer
    checkedBy(schema, answer.edit)
    return { edit: takeBody(answer.edit).body }
  }
  return ({ room, message, yours, current, base }) => {
    const answer = onConflict({
      room,
      message: messageOf(message),
      // It came through this schema when it was written.
      yours: yours as Input,
      current: readOrNull(current),
      base: readOrNull(base),
    })
    return isThenable(answer) ? answer.then(checked) : checked(answer)
  }
}
