import type { ReactElement } from 'react'
import type { Session } from '../model/session.js'
import { ConnectionBadge } from './connection-badge.js'
import { JumpToDate } from './jump-to-date.js'
import { OfflineSwitch } from './offline-switch.js'
import { Icon } from './parts/icons.js'
import { RoomPeople } from './room-people.js'
import { SyncLine } from './sync-line.js'

interface RoomHeaderProps {
  readonly session: Session
  readonly room: string
  readonly onMenu: () => void
}

export const RoomHeader = ({ session, room, onMenu }: RoomHeaderProps): ReactElement => (
  <header className="head">
    <button type="button" className="quiet menu" aria-label="Rooms" onClick={onMenu}>
      <Icon name="menu" />
    </button>
    <h1>
      <span className="hash" aria-hidden="true">
        #
      </span>
      {room}
    </h1>
    <RoomPeople user={session.user} room={room} />
    <JumpToDate />
    <ConnectionBadge />
    <OfflineSwitch session={session} />
    <SyncLine />
  </header>
)
