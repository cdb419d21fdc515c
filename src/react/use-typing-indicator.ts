import { useEffect, useMemo } from 'react'
import { type Typist, typing } from '../core/people/typing.js'
import { useReadable } from './use-readable.js'
import { type RoomOrId, useRoom } from './use-room.js'

/** Who types in a room, and what an input calls so that the others see its user type. */
export interface TypingIndicator {
  /** The others, in the order in which they began. */
  readonly typingUsers: readonly Typist[]
  /** Whether the others were told that this user types. */
  readonly isTyping: boolean
  /** For the input's change: with its text, so that an empty one means that typing is over. The same function for the same room. */
  readonly onInputChange: (text?: string) => void
}

/**
 * The typing of a room. A component that unmounts or moves to another room takes back what its input told. Throws a TidingsError
 * `invalid_argument` when an id finds no provider.
 */
export const useTypingIndicator = <Body, Input>(room: RoomOrId<Body, Input>): TypingIndicator => {
  const here = typing(useRoom(room))
  const input = useMemo(() => {
    // Another component may show who types in the same room: its end must not end what is typed in this one.
    let used = false
    return {
      onInputChange(text?: string): void {
        used = text !== ''
        if (used) here.keystroke()
        else here.stop()
      },
      leave(): void {
        if (used) here.stop()
        used = false
      },
    }
  }, [here])
  useEffect(() => input.leave, [input])
  return {
    typingUsers: useReadable(here.users),
    isTyping: useReadable(here.isTyping),
    onInputChange: input.onInputChange,
  }
}
