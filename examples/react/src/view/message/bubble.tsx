import type { ReactElement } from 'react'
import type { Message } from 'tidings'
import { textOf } from '../../model/body.js'
import { clockTime, exactTime } from '../../model/time.js'
import { Icon } from '../parts/icons.js'
import { Quote } from './quote.js'
import { Sign } from './sign.js'
import { Words } from './words.js'

interface BubbleProps {
  readonly id: string
  readonly message: Message
  readonly own: boolean
  /** Whether Tab leads into this row. */
  readonly reachable: boolean
}

/** What was said, when, and how far it got. Content is text and nothing else. */
export const Bubble = ({ id, message, own, reachable }: BubbleProps): ReactElement => (
  <div className="bubble" id={id} data-deleted={message.deleted}>
    <span className="spoken">{own ? 'You: ' : `${message.from}: `}</span>
    {message.replyTo !== null && !message.deleted && (
      <Quote room={message.room} replyTo={message.replyTo} reachable={reachable} />
    )}
    {message.deleted ? (
      <em className="words">This message was deleted.</em>
    ) : (
      <Words text={textOf(message.body)} reachable={reachable} />
    )}
    <span className="meta">
      {message.edited && !message.deleted && <span>edited</span>}
      <time dateTime={new Date(message.sentAt).toISOString()} title={exactTime(message.sentAt)}>
        {clockTime(message.sentAt)}
      </time>
      {message.late && (
        <span className="sign late-sign" title="Arrived late">
          <Icon name="late" />
          <span className="spoken">Arrived late</span>
        </span>
      )}
      {own && !message.deleted && <Sign message={message} reachable={reachable} />}
    </span>
  </div>
)
