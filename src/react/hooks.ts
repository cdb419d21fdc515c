import { useMemo } from 'react'
import type { Client, ConnectionStatus, OutboxStatus, Room } from '../core/api.js'
import type { Message, Timeline } from '../core/message.js'
import { type AnyBody, expectClient, useClientIfAny } from './provider.js'
import { useReadable } from './use-readable.js'
import { type RoomOrId, useRoom } from './use-room.js'

/** The client of the nearest TidingsProvider. Throws a TidingsError `invalid_argument` outside of any, as every hook here does. */
export const useClient = <Body = AnyBody, Input = Body>(): Client<Body, Input> =>
  expectClient(useClientIfAny<Body, Input>())

/** The state of the connection, for a badge. */
export const useConnection = (): ConnectionStatus => useReadable(useClient().connection)

/** What waits to be sent and what failed, over all rooms. */
export const useOutbox = (): OutboxStatus => useReadable(useClient().outbox)

/** A room's list. The room is followed while a component shows it. The body's type comes with the room, or from the caller for an id. */
export const useTimeline = <Body = AnyBody, Input = Body>(room: RoomOrId<Body, Input>): Timeline<Body> =>
  useReadable(useRoom(room).timeline)

/**
 * The room's `send`, the same function as long as the room is the same: safe in dependency lists and as a prop.
 * Calling it throws a TidingsError `invalid_body` or `too_large`, nothing else.
 */
export const useSend = <Body = AnyBody, Input = Body>(
  room: RoomOrId<Body, Input>,
): Room<Body, Input>['send'] => {
  const target = useRoom(room)
  return useMemo(
    () =>
      (...args) =>
        target.send(...args),
    [target],
  )
}

/** One message by its key or id; null while it is neither loaded nor in the outbox. A row that uses it renders on its own changes only. */
export const useMessage = <Body = AnyBody, Input = Body>(
  room: RoomOrId<Body, Input>,
  key: string,
): Message<Body> | null => {
  const target = useRoom(room)
  return useReadable(useMemo(() => target.message(key), [target, key]))
}
