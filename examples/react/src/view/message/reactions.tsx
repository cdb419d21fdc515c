import type { ReactElement } from 'react'
import type { Message } from 'tidings'
import { useClient, useRoom } from 'tidings/react'
import { nameOf, namesOf } from '../../model/reactions.js'
import { Emoji } from '../parts/emoji.js'
import { Tip } from '../parts/tip.js'

interface ReactionsProps {
  readonly message: Message
  /** Whether Tab leads into this row. */
  readonly reachable: boolean
}

/** Who reacted with what. A click joins in or takes one's own back. */
export const Reactions = ({ message, reachable }: ReactionsProps): ReactElement | null => {
  const { user } = useClient()
  const room = useRoom(message.room)
  if (message.deleted || message.reactions.length === 0) return null
  return (
    <ul className="reactions" aria-label="Reactions">
      {message.reactions.map(({ emoji, users }) => {
        const mine = users.includes(user)
        const toggle = () => (mine ? room.unreact(message.key, emoji) : room.react(message.key, emoji))
        return (
          <li key={emoji}>
            <button
              type="button"
              className="reaction tipped"
              aria-pressed={mine}
              aria-label={`${users.length} ${nameOf(emoji)}: ${namesOf(users, user)}`}
              tabIndex={reachable ? 0 : -1}
              onClick={toggle}
            >
              <Emoji emoji={emoji} />
              <span className="reaction-count">{users.length}</span>
              <Tip>{namesOf(users, user)}</Tip>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
