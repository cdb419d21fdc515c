import type { MouseEvent, ReactElement } from 'react'
import type { Message } from 'tidings'
import { textOf } from '../model/body.js'
import { addressOf } from '../model/place.js'
import { shortTime } from '../model/time.js'

interface RoomLinkProps {
  readonly user: string
  readonly room: string
  readonly current: boolean
  readonly last: Message | null
  /** Messages of others that were not read on any device. */
  readonly unread: number
  readonly onChoose: (room: string) => void
}

/** A larger number says no more. */
const MOST_COUNTED = 99

/** Leaves a click to the browser that wants another window or tab. */
const isPlainClick = ({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent) =>
  button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey

const preview = (last: Message, user: string) =>
  `${last.from === user ? 'You' : last.from}: ${last.deleted ? 'deleted' : textOf(last.body)}`

/** A room with the last that was said there. */
export const RoomLink = ({ user, room, current, last, unread, onChoose }: RoomLinkProps): ReactElement => (
  <a
    className="room-link"
    href={addressOf(user, room)}
    aria-current={current ? 'page' : undefined}
    data-unread={unread > 0}
    onClick={(event) => {
      if (!isPlainClick(event)) return
      event.preventDefault()
      onChoose(room)
    }}
  >
    <span className="room-name">
      <span className="hash" aria-hidden="true">
        #
      </span>
      {room}
    </span>
    {last !== null && (
      <>
        <time className="room-time" dateTime={new Date(last.sentAt).toISOString()}>
          {shortTime(last.sentAt, Date.now())}
        </time>
        <span className="room-last">{preview(last, user)}</span>
      </>
    )}
    {unread > 0 && (
      <span className="badge">
        {unread > MOST_COUNTED ? `${MOST_COUNTED}+` : unread}
        <span className="spoken"> unread</span>
      </span>
    )}
  </a>
)
