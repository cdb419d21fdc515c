import { body, name } from '../../protocol/fields.js'
import { type Json, personalRoom } from '../../protocol/index.js'
import { fits, object } from '../../protocol/shape.js'
import type { Client, Room } from '../api.js'
import type { BodySchema } from '../schema.js'

/** What a server's `notify` wrote. */
export interface NotificationBody {
  /** What it is about, as the server's code names it: `mention`, `invitation` … */
  readonly kind: string
  readonly body: Json
}

const notification = object({ kind: name, body })

const SCHEMA: BodySchema<never, NotificationBody> = {
  '~standard': {
    version: 1,
    vendor: 'tidings',
    validate: (value) =>
      fits(notification, value)
        ? { value: { kind: value.kind, body: value.body } }
        : { issues: [{ message: 'A notification has a kind, which is a name, and a body.' }] },
  },
}

/**
 * The room of this client's user alone, which only servers write to: each message is a notification with its `kind` and `body`. A room
 * like any other: it is kept on the device, followed while its timeline is subscribed or it is open, counts what is unread, and
 * `arrivals` gives each notification once. What a user writes there is refused. Always the same for the same client.
 */
export const notifications = <Body, Input>(client: Client<Body, Input>): Room<NotificationBody, never> =>
  client.room<NotificationBody, never>(personalRoom(client.user), { body: SCHEMA })
