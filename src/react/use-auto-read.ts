import { useEffect, useMemo } from 'react'
import { autoRead } from '../adapters/auto-read.js'
import type { Room } from '../core/api.js'
import { stageOf } from '../core/backstage.js'
import type { Message } from '../core/message.js'
import { type RoomOrId, useRoom } from './use-room.js'

/** What React is given as the `ref` of a row. */
export type RowRef = (row: Element | null) => void

/** Gives the ref of a message's row: the same one for the same message, so that a render attaches nothing anew. */
export type AutoReadRef = (message: Pick<Message, 'key' | 'from'>) => RowRef

const leaveAlone: RowRef = () => undefined

function createRowRefs<Body, Input>(room: Room<Body, Input>) {
  const reader = autoRead(room)
  const { user } = stageOf(room).client
  const refs = new Map<string, RowRef>()

  function createRef(key: string): RowRef {
    let release: (() => void) | undefined
    return (row) => {
      release?.()
      release = row === null ? undefined : reader.observe(row, key)
      if (row === null) refs.delete(key)
    }
  }

  const refOf: AutoReadRef = ({ key, from }) => {
    if (from === user) return leaveAlone
    const ref = refs.get(key) ?? createRef(key)
    refs.set(key, ref)
    return ref
  }
  return { reader, refOf }
}

/**
 * Marks messages as read while somebody looks at them: `const seen = useAutoRead(room)`, and `ref={seen(message)}` on each row. A message
 * is read once half of its row was in view while the page was visible and had the focus; own messages are left alone. Nothing is left
 * behind when the component unmounts or moves to another room. Throws a TidingsError `invalid_argument` when an id finds no provider, and
 * for a room that is not a client's.
 */
export const useAutoRead = <Body, Input>(room: RoomOrId<Body, Input>): AutoReadRef => {
  const target = useRoom(room)
  const { reader, refOf } = useMemo(() => createRowRefs(target), [target])
  useEffect(() => {
    reader.start()
    return reader.stop
  }, [reader])
  return refOf
}
