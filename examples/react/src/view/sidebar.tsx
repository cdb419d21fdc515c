import type { ReactElement } from 'react'
import { useReadable } from 'tidings/react'
import { addressOf } from '../model/place.js'
import type { Session } from '../model/session.js'
import { AddRoom } from './add-room.js'
import { Bell } from './bell.js'
import { OwnStatus } from './own-status.js'
import { Icon } from './parts/icons.js'
import { ThemeSwitch } from './parts/theme-switch.js'
import { RoomLink } from './room-link.js'

interface SidebarProps {
  readonly session: Session
  readonly current: string
  readonly onChoose: (room: string) => void
}

const RoomLinks = ({ session, current, onChoose }: SidebarProps): ReactElement => {
  const { user, client } = session
  const rooms = useReadable(session.rooms)
  const summaries = new Map(useReadable(client.rooms).map((summary) => [summary.room, summary]))
  return (
    <ul className="rooms">
      {rooms.map((room) => {
        const summary = summaries.get(room)
        return (
          <li key={room}>
            <RoomLink
              user={user}
              room={room}
              current={room === current}
              last={summary?.last ?? null}
              unread={summary?.unread ?? 0}
              onChoose={onChoose}
            />
          </li>
        )
      })}
    </ul>
  )
}

/** Somebody to talk to, for the link that opens a second window. */
const companionOf = (user: string) => (user === 'bob' ? 'alice' : 'bob')

export const Sidebar = (props: SidebarProps): ReactElement => {
  const { session, current, onChoose } = props
  const { user } = session
  const companion = companionOf(user)
  return (
    <div className="sidebar">
      <div className="side-head">
        <p className="brand">
          <span className="brand-mark">
            <Icon name="wave" />
          </span>
          Tidings
        </p>
        <Bell onOpen={onChoose} />
      </div>
      <nav aria-label="Rooms">
        <h2 className="side-title">Rooms</h2>
        <RoomLinks {...props} />
        <AddRoom onAdd={onChoose} />
      </nav>
      <div className="you">
        <OwnStatus user={user} />
        <ThemeSwitch />
        <div className="windows">
          <a className="second" href="/">
            Not you?
          </a>
          <a className="second" href={addressOf(companion, current)} target="_blank" rel="noreferrer">
            Open as {companion}
          </a>
        </div>
      </div>
    </div>
  )
}
