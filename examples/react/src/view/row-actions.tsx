import type { ReactElement } from 'react'
import type { Message } from 'tidings'
import { useRoom } from 'tidings/react'
import { Icon } from './icons.js'

interface RowActionsProps {
  readonly message: Message
  readonly bubbleId: string
  /** Whether Tab leads into this row. */
  readonly reachable: boolean
  readonly onReply: (message: Message) => void
}

/** What can be done with a message at any time; they show when the row is looked at. */
export const RowActions = ({ message, bubbleId, reachable, onReply }: RowActionsProps): ReactElement => {
  const room = useRoom(message.room)
  const tabIndex = reachable ? 0 : -1
  return (
    <div className="actions">
      {!message.deleted && (
        <button
          type="button"
          className="quiet"
          title="Reply"
          aria-label="Reply"
          aria-describedby={bubbleId}
          tabIndex={tabIndex}
          onClick={() => onReply(message)}
        >
          <Icon name="reply" />
        </button>
      )}
      {message.status === 'delayed' && (
        <button
          type="button"
          className="quiet discard"
          title="Discard"
          aria-label="Discard"
          aria-describedby={bubbleId}
          tabIndex={tabIndex}
          onClick={() => room.discard(message.key)}
        >
          <Icon name="discard" />
        </button>
      )}
    </div>
  )
}
