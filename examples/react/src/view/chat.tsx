import { type ReactElement, useCallback, useEffect, useState } from 'react'
import { useReadable } from 'tidings/react'
import { goTo, place } from '../model/place.js'
import type { Session } from '../model/session.js'
import { Drawer } from './parts/drawer.js'
import { RoomView } from './room-view.js'
import { Sidebar } from './sidebar.js'

/** The whole page of one person: rooms beside a room, or behind a button where there is no space for both. */
export const Chat = ({ session }: { readonly session: Session }): ReactElement => {
  const { room } = useReadable(place)
  const [drawerOpen, setDrawerOpen] = useState(false)
  const { rooms, user } = session

  useEffect(() => {
    rooms.add(room)
    document.title = `#${room} · Tidings`
  }, [rooms, room])

  const choose = useCallback(
    (next: string) => {
      goTo(user, next)
      setDrawerOpen(false)
    },
    [user],
  )
  const closeDrawer = useCallback(() => setDrawerOpen(false), [])

  return (
    <div className="page">
      <aside className="side" aria-label="Rooms and you">
        <Sidebar session={session} current={room} onChoose={choose} />
      </aside>
      <Drawer open={drawerOpen} onClose={closeDrawer}>
        <Sidebar session={session} current={room} onChoose={choose} />
      </Drawer>
      {/* One view a room: scroll place, reply and draft of another room never show here. */}
      <RoomView key={room} session={session} room={room} onMenu={() => setDrawerOpen(true)} />
    </div>
  )
}
