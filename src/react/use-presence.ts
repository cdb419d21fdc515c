import { useMemo } from 'react'
import type { RoomPresence, UserPresence } from '../core/people/others-presence.js'
import type { OwnPresence } from '../core/people/own-presence.js'
import { type Presence, presence } from '../core/people/presence.js'
import { useClient } from './hooks.js'
import { useReadable } from './use-readable.js'
import { type RoomOrId, useRoom } from './use-room.js'

/** What this client says of its user, and how to say something else. */
export interface OwnPresenceAndSet extends OwnPresence {
  /** The same function as long as the client is the same. Throws a TidingsError `invalid_argument` for what cannot be said. */
  readonly set: Presence['set']
}

/**
 * Somebody's presence, watched while the component is mounted; without a user id what this client says, with `set`. Renders on a change of
 * that presence alone. Throws a TidingsError `invalid_argument` for what is no user id, and outside of any TidingsProvider.
 */
export function usePresence(): OwnPresenceAndSet
export function usePresence(user: string): UserPresence
export function usePresence(user?: string): OwnPresenceAndSet | UserPresence {
  const here = presence(useClient())
  const readable = useMemo<Presence['mine'] | ReturnType<Presence['of']>>(
    () => (user === undefined ? here.mine : here.of(user)),
    [here, user],
  )
  const value = useReadable<OwnPresence | UserPresence>(readable)
  return useMemo(() => ('user' in value ? value : { ...value, set: here.set }), [value, here])
}

/**
 * Who is in a room, watched while the component is mounted. Throws a TidingsError `invalid_argument` for what is no room id, and outside of
 * any TidingsProvider.
 */
export const useRoomPresence = <Body, Input>(room: RoomOrId<Body, Input>): RoomPresence => {
  const client = useClient()
  const { id } = useRoom(room)
  return useReadable(useMemo(() => presence(client).inRoom(id), [client, id]))
}
