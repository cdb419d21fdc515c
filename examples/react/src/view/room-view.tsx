import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react'
import { useTimeline } from 'tidings/react'
import { createDesk } from '../model/desk.js'
import type { Session } from '../model/session.js'
import { waysOf } from '../model/ways.js'
import { Banner } from './banner.js'
import { Composer } from './composer.js'
import { DeskContext } from './desk-context.js'
import { MessageMenu } from './message/message-menu.js'
import { Removal } from './message/removal.js'
import { OutboxNote } from './outbox-note.js'
import { Pinned } from './pinned.js'
import { RoomHeader } from './room-header.js'
import { RoomSettings } from './room-settings.js'
import { TimelineView } from './timeline-view.js'
import { TypingLine } from './typing-line.js'

interface RoomViewProps {
  readonly session: Session
  readonly room: string
  readonly onMenu: () => void
}

/** One room: its state above, its messages, and the box to write in. */
export const RoomView = ({ session, room, onMenu }: RoomViewProps): ReactElement => {
  const timeline = useTimeline(room)
  const [desk] = useState(createDesk)
  const [sentCount, setSentCount] = useState(0)
  const box = useRef<HTMLTextAreaElement>(null)

  // Whoever has a keyboard at hand can write at once; on a phone it would cover half of the room.
  useEffect(() => {
    if (matchMedia('(hover: hover)').matches) box.current?.focus()
  }, [])

  const focusBox = useCallback(() => box.current?.focus(), [])
  const noteSent = useCallback(() => setSentCount((count) => count + 1), [])
  const editLast = () => {
    const last = timeline.items.findLast((item) => item.type === 'message' && waysOf(item, session.user).edit)
    if (last !== undefined) desk.editing.set(last.key)
  }

  return (
    <DeskContext value={desk}>
      <main className="room">
        <RoomHeader session={session} room={room} onMenu={onMenu} />
        <div className="under-head">
          <Banner session={session} />
          <Pinned room={room} />
        </div>
        <TimelineView
          user={session.user}
          room={room}
          timeline={timeline}
          sentCount={sentCount}
          onLeave={focusBox}
        />
        <div className="foot">
          <div className="foot-column">
            <div className="foot-line">
              <TypingLine room={room} />
              <OutboxNote />
            </div>
            <Composer
              room={room}
              box={box}
              closed={timeline.status === 'refused'}
              onSent={noteSent}
              onEditLast={editLast}
            />
          </div>
        </div>
        <MessageMenu room={room} />
        <Removal room={room} />
        <RoomSettings room={room} />
      </main>
    </DeskContext>
  )
}
