import { memo, type ReactElement, useId, useState } from 'react'
import type { Message } from 'tidings'
import { tintOf } from '../model/people.js'
import { timeSeenFrom } from '../model/time.js'
import { Avatar } from './avatar.js'
import { Bubble } from './bubble.js'
import { Icon } from './icons.js'
import { RowActions } from './row-actions.js'
import { Trouble } from './trouble.js'

interface MessageRowProps {
  readonly message: Message
  readonly own: boolean
  readonly first: boolean
  readonly last: boolean
  readonly endsLate: boolean
  /** Whether Tab leads here. */
  readonly active: boolean
  readonly onFocus: (key: string) => void
  readonly onReply: (message: Message) => void
  readonly onShow: (key: string) => void
}

/** Younger than this when first drawn, a message comes in with a small movement. */
const FRESH_MS = 2_000

/** Written earlier than its neighbours knew: where it stands is right, but nobody has read it there yet. */
const LateMark = ({ message }: { readonly message: Message }): ReactElement => (
  <p className="late">
    <Icon name="late" />
    Arrived late
    {message.ts !== null && `, ${timeSeenFrom(message.ts, message.sentAt, Date.now())}`}
  </p>
)

/** One message with all that belongs to it. Drawn anew only when it changed. */
export const MessageRow = memo((props: MessageRowProps): ReactElement => {
  const { message, own, first, last, endsLate, active, onFocus, onReply, onShow } = props
  const bubbleId = useId()
  const [fresh] = useState(() => Date.now() - (message.ts ?? message.sentAt) < FRESH_MS)
  return (
    <li
      className="message"
      tabIndex={active ? 0 : -1}
      data-key={message.key}
      data-id={message.id}
      data-status={message.status}
      data-own={own}
      data-first={first}
      data-last={last}
      data-late={message.late}
      data-fresh={fresh}
      aria-labelledby={bubbleId}
      onFocus={() => onFocus(message.key)}
    >
      {!own && <span className="face">{first && <Avatar name={message.from} />}</span>}
      <div className="stack">
        {!own && first && (
          <span className="author" data-tint={tintOf(message.from)} aria-hidden="true">
            {message.from}
          </span>
        )}
        <div className="line">
          <Bubble id={bubbleId} message={message} own={own} reachable={active} onShow={onShow} />
          <RowActions message={message} bubbleId={bubbleId} reachable={active} onReply={onReply} />
        </div>
        {endsLate && <LateMark message={message} />}
        {own && <Trouble message={message} bubbleId={bubbleId} />}
      </div>
    </li>
  )
})
