import type { ReactElement } from 'react'
import type { Message, MessageStatus } from 'tidings'
import { textOf } from '../model/body.js'
import { clockTime, exactTime } from '../model/time.js'
import { Icon } from './icons.js'
import { Quote } from './quote.js'

const signs = {
  pending: { icon: 'clock', words: 'Sending' },
  delayed: { icon: 'clock', words: 'Waiting to be sent' },
  unknown: { icon: 'question', words: 'May not have arrived' },
  failed: { icon: 'warning', words: 'Not sent' },
  confirmed: { icon: 'check', words: 'Sent' },
} as const satisfies Record<MessageStatus, { icon: string; words: string }>

const Sign = ({ status }: { readonly status: MessageStatus }): ReactElement => (
  <span className="sign" title={signs[status].words}>
    <Icon name={signs[status].icon} />
    <span className="spoken">{signs[status].words}</span>
  </span>
)

interface BubbleProps {
  readonly id: string
  readonly message: Message
  readonly own: boolean
  /** Whether Tab leads into this row. */
  readonly reachable: boolean
  readonly onShow: (key: string) => void
}

/** What was said, when, and how far it got. Content is text and nothing else. */
export const Bubble = ({ id, message, own, reachable, onShow }: BubbleProps): ReactElement => (
  <div className="bubble" id={id}>
    <span className="spoken">{own ? 'You: ' : `${message.from}: `}</span>
    {message.replyTo !== null && (
      <Quote room={message.room} replyTo={message.replyTo} reachable={reachable} onShow={onShow} />
    )}
    {message.deleted ? (
      <em className="words">This message was deleted.</em>
    ) : (
      <span className="words">{textOf(message.body)}</span>
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
      {own && <Sign status={message.status} />}
    </span>
  </div>
)
