import type { ReactElement, ReactNode } from 'react'
import type { Timeline } from 'tidings'
import { useConnection } from 'tidings/react'
import { Icon } from './parts/icons.js'

/** Widths of the lines that stand in for messages while they are fetched. */
const bones = ['wide', 'short', 'own', 'middle', 'own-short', 'last'] as const

const Skeleton = (): ReactElement => (
  <div className="skeleton">
    <p className="spoken">Loading messages</p>
    {bones.map((width) => (
      <span key={width} className="bone" data-width={width} aria-hidden="true" />
    ))}
  </div>
)

interface EmptyRoomProps {
  readonly room: string
  readonly timeline: Timeline
}

/** A list without rows says why. */
export const EmptyRoom = ({ room, timeline }: EmptyRoomProps): ReactElement => {
  const { state } = useConnection()
  const { status, error } = timeline
  if (status === 'refused')
    return (
      <Empty icon="lock" title="This room is closed to you">
        {error?.message ?? 'The server did not let you in. Ask somebody who is there to invite you.'}
      </Empty>
    )
  if (status === 'live')
    return (
      <Empty icon="wave" title={`Nothing said in #${room} yet`}>
        Write the first message. Everybody who opens this room will see it.
      </Empty>
    )
  if (status === 'cached' && state !== 'connecting' && state !== 'connected')
    return (
      <Empty icon="stored" title="Nothing kept on this device yet">
        Messages of #{room} appear once there is a connection. You can write already: it waits here.
      </Empty>
    )
  return <Skeleton />
}

interface EmptyProps {
  readonly icon: 'lock' | 'wave' | 'stored'
  readonly title: string
  readonly children: ReactNode
}

const Empty = ({ icon, title, children }: EmptyProps): ReactElement => (
  <div className="empty">
    <span className="empty-mark">
      <Icon name={icon} />
    </span>
    <h2>{title}</h2>
    <p>{children}</p>
  </div>
)
