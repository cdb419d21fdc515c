import type { MouseEvent, ReactElement } from 'react'
import { useReadable } from 'tidings/react'
import { addressOf } from '../model/place.js'
import type { Session } from '../model/session.js'
import { AddRoom } from './add-room.js'
import { Avatar } from './avatar.js'
import { Icon } from './icons.js'

interface SidebarProps {
  readonly session: Session
  readonly current: string
  readonly onChoose: (room: string) => void
}

/** Leaves a click to the browser that wants another window or tab. */
const isPlainClick = ({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent) =>
  button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey

/** Somebody to talk to, for the link that opens a second window. */
const companionOf = (user: string) => (user === 'bob' ? 'alice' : 'bob')

export const Sidebar = ({ session, current, onChoose }: SidebarProps): ReactElement => {
  const { user } = session
  const rooms = useReadable(session.rooms)
  const companion = companionOf(user)
  return (
    <div className="sidebar">
      <p className="brand">
        <span className="brand-mark">
          <Icon name="wave" />
        </span>
        Tidings
      </p>
      <nav aria-label="Rooms">
        <h2 className="side-title">Rooms</h2>
        <ul className="rooms">
          {rooms.map((room) => (
            <li key={room}>
              <a
                className="room-link"
                href={addressOf(user, room)}
                aria-current={room === current ? 'page' : undefined}
                onClick={(event) => {
                  if (!isPlainClick(event)) return
                  event.preventDefault()
                  onChoose(room)
                }}
              >
                <span className="hash" aria-hidden="true">
                  #
                </span>
                <span className="room-name">{room}</span>
              </a>
            </li>
          ))}
        </ul>
        <AddRoom onAdd={onChoose} />
      </nav>
      <div className="you">
        <Avatar name={user} />
        <div className="you-text">
          <strong>{user}</strong>
          <a href="/">Not you?</a>
        </div>
        <a className="second" href={addressOf(companion, current)} target="_blank" rel="noreferrer">
          Open as {companion}
        </a>
      </div>
    </div>
  )
}
