import type { ReactElement } from 'react'
import type { Message } from 'tidings'
import { useRoom } from 'tidings/react'
import { Icon } from '../parts/icons.js'
import { Conflict } from './conflict.js'

interface TroubleProps {
  readonly message: Message
  readonly bubbleId: string
}

const reasonOf = ({ status, error }: Message): string =>
  status === 'unknown'
    ? 'The connection broke before the answer came. It may have arrived.'
    : (error?.message ?? 'The server refused it.')

/** What the server has of a message it will not change: then the change failed, not the message. */
const headOf = ({ status, seq }: Message): string => {
  if (status === 'unknown') return 'Not sure.'
  return seq === null ? 'Not sent.' : 'Not changed.'
}

/** A message that needs a decision says why, and offers both ways out without being asked. */
export const Trouble = ({ message, bubbleId }: TroubleProps): ReactElement | null => {
  const room = useRoom(message.room)
  if (message.status !== 'failed' && message.status !== 'unknown') return null
  const edit = message.error?.edit
  if (message.error?.code === 'conflict' && edit !== undefined)
    return <Conflict message={message} edit={edit} bubbleId={bubbleId} />
  const way = { type: 'button', className: 'plain', 'aria-describedby': bubbleId } as const
  return (
    <div className="trouble">
      <p>
        <strong>{headOf(message)}</strong> {reasonOf(message)}
      </p>
      <div className="trouble-ways">
        <button {...way} onClick={() => room.retry(message.key)}>
          <Icon name="retry" />
          Retry
        </button>
        <button {...way} onClick={() => room.discard(message.key)}>
          <Icon name="discard" />
          Discard
        </button>
      </div>
    </div>
  )
}
