import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react'
import type { Message } from 'tidings'
import { useTimeline } from 'tidings/react'
import type { Session } from '../model/session.js'
import { Banner } from './banner.js'
import { Composer } from './composer.js'
import { OutboxNote } from './outbox-note.js'
import { RoomHeader } from './room-header.js'
import { TimelineView } from './timeline-view.js'

interface RoomViewProps {
  readonly session: Session
  readonly room: string
  readonly onMenu: () => void
}

/** One room: its state above, its messages, and the box to write in. */
export const RoomView = ({ session, room, onMenu }: RoomViewProps): ReactElement => {
  const timeline = useTimeline(room)
  const newest = timeline.items.findLast((item) => item.type === 'message')?.key
  useEffect(() => {
    if (newest !== undefined) session.seen.mark(room, newest)
  }, [session, room, newest])
  const [replyTo, setReplyTo] = useState<Message | null>(null)
  const [sentCount, setSentCount] = useState(0)
  const box = useRef<HTMLTextAreaElement>(null)

  // Whoever has a keyboard at hand can write at once; on a phone it would cover half of the room.
  useEffect(() => {
    if (matchMedia('(hover: hover)').matches) box.current?.focus()
  }, [])

  const reply = useCallback((message: Message) => {
    setReplyTo(message)
    box.current?.focus()
  }, [])
  const clearReply = useCallback(() => setReplyTo(null), [])
  const noteSent = useCallback(() => {
    setReplyTo(null)
    setSentCount((count) => count + 1)
  }, [])

  return (
    <main className="room">
      <RoomHeader session={session} room={room} onMenu={onMenu} />
      <Banner session={session} />
      <TimelineView
        user={session.user}
        room={room}
        timeline={timeline}
        sentCount={sentCount}
        onReply={reply}
      />
      <div className="foot">
        <div className="foot-column">
          <OutboxNote />
          <Composer
            room={room}
            box={box}
            replyTo={replyTo}
            closed={timeline.status === 'refused'}
            onClearReply={clearReply}
            onSent={noteSent}
          />
        </div>
      </div>
    </main>
  )
}
