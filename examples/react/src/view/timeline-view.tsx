import { type ReactElement, useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'react'
import { type Message, receipts, type Timeline } from 'tidings'
import { useRoom } from 'tidings/react'
import { rowsOf } from '../model/rows.js'
import { type Announcement, Announcer, announcementOf } from './announcer.js'
import { useDesk } from './desk-context.js'
import { EmptyRoom } from './empty-room.js'
import { OlderMessages } from './older-messages.js'
import { Icon } from './parts/icons.js'
import { Rows } from './rows.js'
import { useJourney } from './use-journey.js'
import { useNews } from './use-news.js'
import { useReadingPlace } from './use-reading-place.js'
import { useStep } from './use-step.js'
import { useUnreadMark } from './use-unread-mark.js'

/** Near the upper edge the next step is fetched before somebody has to ask. */
const LOAD_WITHIN_PX = 240

interface TimelineViewProps {
  readonly user: string
  readonly room: string
  readonly timeline: Timeline
  /** Goes up with each own message: whoever writes wants to see it. */
  readonly sentCount: number
  readonly onLeave: () => void
}

export const TimelineView = (props: TimelineViewProps): ReactElement => {
  const { user, room, timeline, sentCount, onLeave } = props
  const { goal } = useDesk()
  const followed = useRoom(room)
  const { frame, atEnd, onScroll, toEnd } = useReadingPlace(timeline.hasNewer)
  const older = useStep(followed.loadOlder)
  const newer = useStep(followed.loadNewer)
  const trouble = useJourney(followed, frame)
  const [unseen, setUnseen] = useState(0)
  const [announcement, setAnnouncement] = useState<Announcement | null>(null)
  const unreadMark = useUnreadMark(timeline, sentCount)
  const rows = useMemo(() => rowsOf(timeline.items, unreadMark), [timeline.items, unreadMark])

  const noteNews = useCallback((news: readonly Message[]) => {
    setAnnouncement(announcementOf(news))
    setUnseen((count) => count + news.filter(({ late }) => !late).length)
  }, [])
  useNews(timeline, user, noteNews)
  useEffect(() => {
    if (sentCount === 0) return
    toEnd()
    receipts(followed).markRead()
  }, [sentCount, toEnd, followed])
  useEffect(() => {
    if (atEnd && unseen > 0) setUnseen(0)
  }, [atEnd, unseen])

  const loadWhenNear = () => {
    onScroll()
    const { current } = frame
    if (current === null || atEnd) return
    const below = current.scrollHeight - current.scrollTop - current.clientHeight
    if (current.scrollTop < LOAD_WITHIN_PX && timeline.hasOlder && older.state === 'ready') older.load()
    if (below < LOAD_WITHIN_PX && timeline.hasNewer && newer.state === 'ready') newer.load()
  }

  // Who comes back to a room begins to read where they stopped.
  useLayoutEffect(() => {
    const line = unreadMark === null ? null : frame.current?.querySelector('.unread-line')
    if (!line || !frame.current) return
    if (line.getBoundingClientRect().top >= frame.current.getBoundingClientRect().top) return
    line.scrollIntoView({ block: 'start' })
    onScroll()
  }, [unreadMark, frame, onScroll])
  const goToEnd = () => {
    if (timeline.hasNewer) goal.set('newest')
    toEnd()
    // Whoever goes past what is unread has done with it.
    receipts(followed).markRead()
  }

  return (
    <div className="timeline">
      {/* New messages are announced one sentence at a time, below; read as a live region, this list would repeat every page it loads. */}
      <div
        ref={frame}
        className="scroller"
        role="log"
        aria-label={`Messages in ${room}`}
        aria-live="off"
        aria-busy={timeline.status === 'loading' || timeline.status === 'syncing'}
        data-status={timeline.status}
        onScroll={loadWhenNear}
      >
        <div className="column">
          {timeline.hasOlder && (
            <OlderMessages state={older.state} late={timeline.late} onLoad={older.load} />
          )}
          {rows.length === 0 ? (
            <EmptyRoom room={room} timeline={timeline} />
          ) : (
            <Rows rows={rows} user={user} room={room} onLeave={onLeave} />
          )}
        </div>
      </div>
      {!atEnd && rows.length > 0 && (
        <button type="button" className="to-end" data-news={unseen > 0} onClick={goToEnd}>
          <Icon name="down" />
          {unseen > 0 ? `${unseen} new ${unseen === 1 ? 'message' : 'messages'}` : 'Newest'}
        </button>
      )}
      {trouble !== null && (
        <p className="note" role="alert">
          {trouble}
        </p>
      )}
      <Announcer announcement={announcement} />
    </div>
  )
}
