import { useMemo } from 'react'
import type { Message } from '../core/message.js'
import { type Receipts, type ReceiptsState, receipts } from '../core/people/receipts.js'
import { useReadable } from './use-readable.js'
import { type RoomOrId, useRoom } from './use-room.js'

/** Who has read what in a room, at one render. */
export interface RoomReceipts extends ReceiptsState {
  /** The others who have read a message, its author left out: by the message, its key or its id. */
  readonly readBy: (message: Pick<Message, 'key'> | string) => readonly string[]
  /** The same function as long as the room is the same. See `receipts(room).markRead`. */
  readonly markRead: Receipts['markRead']
}

/**
 * Who has read how far in a room. It renders whenever anybody's mark moves: where only the rows show it, `useReadBy` in each is cheaper.
 * Throws a TidingsError `invalid_argument` when an id finds no provider, and for a room that is not a client's.
 */
export const useReceipts = <Body, Input>(room: RoomOrId<Body, Input>): RoomReceipts => {
  const here = receipts(useRoom(room))
  const state = useReadable(here.state)
  return useMemo(
    () => ({
      mark: state.mark,
      // Made only if somebody looks at it.
      get readers() {
        return state.readers
      },
      readBy: (message) => here.readBy(typeof message === 'string' ? message : message.key).get(),
      markRead: here.markRead,
    }),
    [state, here],
  )
}

/** The others who have read one message, by its key or id. A row that uses it renders on its own changes only. */
export const useReadBy = <Body, Input>(room: RoomOrId<Body, Input>, key: string): readonly string[] => {
  const here = receipts(useRoom(room))
  return useReadable(useMemo(() => here.readBy(key), [here, key]))
}
