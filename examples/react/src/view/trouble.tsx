import type { ReactElement } from 'react'
import type { Message } from 'tidings'
import { useRoom } from 'tidings/react'
import { Icon } from './icons.js'

interface TroubleProps {
  readonly message: Message
  readonly bubbleId: string
}

const reasonOf = ({ status, error }: Message): string =>
  status === 'unknown'
    ? 'The connection broke before the answer came. It may have arrived.'
    : (error?.message ?? 'The server refused it.')

/** A message that needs a decision says why, and offers both ways out without being asked. */
export const Trouble = ({ message, bubbleId }: TroubleProps): ReactElement | null => {
  const room = useRoom(message.room)
  if (message.status !== 'failed' && message.status !== 'unknown') return null
  return (
    <div className="trouble">
      <p>
        <strong>{message.status === 'failed' ? 'Not sent.' : 'Not sure.'}</strong> {reasonOf(message)}
      </p>
      <div className="trouble-ways">
        <button
          type="button"
          className="plain"
          aria-describedby={bubbleId}
          onClick={() => room.retry(message.key)}
        >
          <Icon name="retry" />
          Retry
        </button>
        <button
          type="button"
          className="plain"
          aria-describedby={bubbleId}
          onClick={() => room.discard(message.key)}
        >
          <Icon name="discard" />
          Discard
        </button>
      </div>
    </div>
  )
}
