import type { MouseEvent, ReactElement } from 'react'
import type { Message } from 'tidings'
import { useClient } from 'tidings/react'
import type { OpenMenu } from '../../model/desk.js'
import { isAny, waysOf } from '../../model/ways.js'
import { useDesk } from '../desk-context.js'
import { Icon } from '../parts/icons.js'

interface RowActionsProps {
  readonly message: Message
  readonly bubbleId: string
  /** Whether Tab leads into this row. */
  readonly reachable: boolean
}

/** What can be done with a message at any time; it shows when the row is looked at. */
export const RowActions = ({ message, bubbleId, reachable }: RowActionsProps): ReactElement | null => {
  const desk = useDesk()
  const { user } = useClient()
  const ways = waysOf(message, user)
  if (!isAny(ways)) return null
  const common = {
    type: 'button',
    className: 'quiet',
    'aria-describedby': bubbleId,
    tabIndex: reachable ? 0 : -1,
  } as const
  const open = (kind: OpenMenu['kind']) => (event: MouseEvent) =>
    desk.menu.set({ message: message.key, at: event.currentTarget.getBoundingClientRect(), kind })
  return (
    <div className="actions">
      {ways.react && (
        <button {...common} title="React" aria-label="React" aria-haspopup="menu" onClick={open('reactions')}>
          <Icon name="smile" />
        </button>
      )}
      {ways.reply && (
        <button {...common} title="Reply" aria-label="Reply" onClick={() => desk.replyTo.set(message.key)}>
          <Icon name="reply" />
        </button>
      )}
      <button {...common} title="More" aria-label="More" aria-haspopup="menu" onClick={open('all')}>
        <Icon name="more" />
      </button>
    </div>
  )
}
