import type { ReactElement } from 'react'
import type { MessageStatus } from 'tidings'
import { Icon } from '../parts/icons.js'

const signs = {
  pending: { icon: 'clock', words: 'Sending' },
  delayed: { icon: 'clock', words: 'Waiting to be sent' },
  unknown: { icon: 'question', words: 'May not have arrived' },
  failed: { icon: 'warning', words: 'Not sent' },
  confirmed: { icon: 'check', words: 'Sent' },
} as const satisfies Record<MessageStatus, { icon: string; words: string }>

/** How far an own message got. */
export const Sign = ({ status }: { readonly status: MessageStatus }): ReactElement => (
  <span className="sign" title={signs[status].words}>
    <Icon name={signs[status].icon} />
    <span className="spoken">{signs[status].words}</span>
  </span>
)
