import { useMemo } from 'react'
import type { Room } from '../core/api.js'
import { type AnyBody, expectClient, useClientIfAny } from './provider.js'

/** A room, or the id of a room of the provider's client. */
export type RoomOrId<Body = AnyBody, Input = Body> = Room<Body, Input> | string

/**
 * The room of an id, the same object as long as client and id are. A room is given back as it is, with or without a provider.
 * Throws a TidingsError `invalid_argument` when an id finds no provider.
 */
export const useRoom = <Body = AnyBody, Input = Body>(room: RoomOrId<Body, Input>): Room<Body, Input> => {
  const client = useClientIfAny<Body, Input>()
  return useMemo(() => (typeof room === 'string' ? expectClient(client).room(room) : room), [client, room])
}
