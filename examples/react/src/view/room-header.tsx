import type { ReactElement } from 'react'
import type { Session } from '../model/session.js'
import { ConnectionBadge } from './connection-badge.js'
import { useDesk } from './desk-context.js'
import { JumpToDate } from './jump-to-date.js'
import { OfflineSwitch } from './offline-switch.js'
import { Icon } from './parts/icons.js'
import { RoomPeople } from './room-people.js'
import { RoomTitle } from './room-title.js'
import { SyncLine } from './sync-line.js'

interface RoomHeaderProps {
  readonly session: Session
  readonly room: string
  readonly onMenu: () => void
}

const SettingsButton = (): ReactElement => {
  const { settings } = useDesk()
  return (
    <button
      type="button"
      className="quiet"
      title="Room settings"
      aria-label="Room settings"
      aria-haspopup="dialog"
      onClick={() => settings.set(true)}
    >
      <Icon name="settings" />
    </button>
  )
}

export const RoomHeader = ({ session, room, onMenu }: RoomHeaderProps): ReactElement => (
  <header className="head">
    <button type="button" className="quiet menu" aria-label="Rooms" onClick={onMenu}>
      <Icon name="menu" />
    </button>
    <RoomTitle room={room} />
    <RoomPeople user={session.user} room={room} />
    <JumpToDate />
    <SettingsButton />
    <ConnectionBadge />
    <OfflineSwitch session={session} />
    <SyncLine />
  </header>
)
