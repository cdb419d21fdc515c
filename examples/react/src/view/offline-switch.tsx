import type { ReactElement } from 'react'
import { useReadable } from 'tidings/react'
import type { Session } from '../model/session.js'
import { Icon } from './parts/icons.js'

/** Takes this window off the network, and keeps it there over a reload. */
export const OfflineSwitch = ({ session }: { readonly session: Session }): ReactElement => {
  const offline = useReadable(session.offline)
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={offline}
      aria-label="Offline"
      title={offline ? 'Go back online' : 'Take this window offline'}
      onClick={() => session.setOffline(!offline)}
    >
      <span className="switch-name">Offline</span>
      <span className="switch-icon">
        <Icon name="unplugged" />
      </span>
      <span className="switch-track" aria-hidden="true" />
    </button>
  )
}
