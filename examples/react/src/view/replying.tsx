import type { ReactElement } from 'react'
import { useMessage } from 'tidings/react'
import { textOf } from '../model/body.js'
import { Icon } from './parts/icons.js'

interface ReplyingProps {
  readonly room: string
  readonly message: string
  readonly onCancel: () => void
}

/** What is being answered, above the box. */
export const Replying = ({ room, message: key, onCancel }: ReplyingProps): ReactElement => {
  const message = useMessage(room, key)
  return (
    <div className="replying">
      <Icon name="reply" />
      <p>
        Reply to <strong>{message?.from ?? 'an earlier message'}</strong>
        {message !== null && (
          <span className="replying-words">{message.deleted ? 'Deleted' : textOf(message.body)}</span>
        )}
      </p>
      <button type="button" className="quiet" aria-label="Cancel the reply" onClick={onCancel}>
        <Icon name="close" />
      </button>
    </div>
  )
}
