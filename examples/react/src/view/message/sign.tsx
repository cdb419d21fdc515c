import type { ReactElement } from 'react'
import { type Delivery, deliveryOf, type Message } from 'tidings'
import { useReadBy } from 'tidings/react'
import { namesOf } from '../../model/reactions.js'
import { Icon } from '../parts/icons.js'
import { Tip } from '../parts/tip.js'

const signs = {
  pending: { icon: 'clock', words: 'Sending' },
  delayed: { icon: 'clock', words: 'Waiting to be sent' },
  unknown: { icon: 'question', words: 'May not have arrived' },
  failed: { icon: 'warning', words: 'Not sent' },
  sent: { icon: 'check', words: 'Sent' },
  read: { icon: 'read', words: 'Read' },
} as const satisfies Record<Delivery, { icon: string; words: string }>

interface SignProps {
  readonly message: Message
  /** Whether Tab leads into this row. */
  readonly reachable: boolean
}

/** How far an own message got, and who has read it. */
export const Sign = ({ message, reachable }: SignProps): ReactElement => {
  const readBy = useReadBy(message.room, message.key)
  const delivery = deliveryOf(message, readBy)
  const { icon, words } = signs[delivery]
  if (delivery !== 'read')
    return (
      <span className="sign" title={words}>
        <Icon name={icon} />
        <span className="spoken">{words}</span>
      </span>
    )
  const names = `Read by ${namesOf(readBy, '')}`
  return (
    <button type="button" className="sign ticks tipped" aria-label={names} tabIndex={reachable ? 0 : -1}>
      <Icon name={icon} />
      <Tip>{names}</Tip>
    </button>
  )
}
