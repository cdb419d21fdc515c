import type { ReactElement } from 'react'
import type { Message } from 'tidings'
import { useClient, useRoom } from 'tidings/react'
import { hasReacted, offered } from '../../model/reactions.js'
import { Emoji } from '../parts/emoji.js'

interface ReactionChoiceProps {
  readonly message: Message
  readonly onDone: () => void
}

/** The pictures to react with, as a part of a menu. One that was given already is taken back. */
export const ReactionChoice = ({ message, onDone }: ReactionChoiceProps): ReactElement => {
  const { user } = useClient()
  const room = useRoom(message.room)
  return (
    <fieldset className="choice" aria-label="React">
      {offered.map(({ emoji, name }) => {
        const mine = hasReacted(message.reactions, emoji, user)
        return (
          <button
            key={emoji}
            type="button"
            role="menuitemcheckbox"
            className="choice-one"
            aria-checked={mine}
            aria-label={name}
            title={name}
            tabIndex={-1}
            onClick={() => {
              onDone()
              if (mine) room.unreact(message.key, emoji)
              else room.react(message.key, emoji)
            }}
          >
            <Emoji emoji={emoji} />
          </button>
        )
      })}
    </fieldset>
  )
}
