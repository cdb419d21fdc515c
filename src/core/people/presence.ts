import type { Client } from '../api.js'
import { type Backstage, backstageOf, onePer } from '../backstage.js'
import type { Readable } from '../seams/readable.js'
import { createOthersPresence, type RoomPresence, type UserPresence } from './others-presence.js'
import { createOwn, type Own, type OwnPresence } from './own-presence.js'

/** Who is there. Nothing of it is stored. */
export interface Presence {
  /**
   * Says how this user is there. What is left out stays as it was, null takes it back. Told to the server at once, at most every 100 ms, and
   * again on each new connection; forgotten with the page. A user of whom no client says anything is online while a client is connected.
   * Throws a TidingsError `invalid_argument` for what cannot be said; then nothing changed.
   */
  readonly set: Own['set']
  /** What this client says, connected or not. */
  readonly mine: Readable<OwnPresence>
  /** Says `away` instead of `online` while nobody is at the device: `awayWhile(idle(client))`. Returns a function that ends it. */
  readonly awayWhile: Own['awayWhile']
  /**
   * Somebody, watched while this is subscribed and `unknown` otherwise. The server tells of those who share a room with this user, or as it
   * decides. Throws a TidingsError `invalid_argument` for what is no user id.
   */
  readonly of: (user: string) => Readable<UserPresence>
  /** Who is in a room, watched while this is subscribed. Throws a TidingsError `invalid_argument` for what is no room id. */
  readonly inRoom: (room: string) => Readable<RoomPresence>
}

const presences = /* @__PURE__ */ onePer<object, Presence>((client) => createPresence(backstageOf(client)))

/** The presence of a client; always the same for the same client. Throws a TidingsError `invalid_argument` for a client of another making. */
export const presence = <Body, Input>(client: Client<Body, Input>): Presence => presences(client)

function createPresence(stage: Backstage): Presence {
  const { connection, frames } = stage
  const own = createOwn(stage)
  const others = createOthersPresence(stage)
  const isConnected = (): boolean => connection.get().state === 'connected'
  let wasConnected = false

  function look(): void {
    if (isConnected() === wasConnected) return
    wasConnected = !wasConnected
    for (const part of [own, others]) {
      if (wasConnected) part.up()
      else part.down()
    }
  }

  const stops = [
    connection.subscribe(look),
    frames.on('presence_update', others.take),
    frames.on('unsubscribed', ({ room }) => others.lose(room)),
  ]
  stage.onEnd(() => {
    for (const stop of stops) stop()
    own.stop()
    others.down()
    others.stop()
  })
  look()
  return { set: own.set, mine: own.mine, awayWhile: own.awayWhile, of: others.of, inRoom: others.inRoom }
}
