import { useEffect, useState } from 'react'
import type { Timeline } from 'tidings'

const isLookedAt = () => document.visibilityState === 'visible' && document.hasFocus()

/**
 * The first message that was new when the reader came: to the room, or back to its window. It stays where it is while they read on,
 * though their mark moves, and goes when they answer.
 */
export const useUnreadMark = ({ firstUnread, unread }: Timeline, sentCount: number): string | null => {
  const [mark, setMark] = useState<string | null>(null)
  const [settled, setSettled] = useState(false)
  const [away, setAway] = useState(() => !isLookedAt())
  useEffect(() => {
    const look = () => setAway(!isLookedAt())
    const places = [document, window] as const
    for (const place of places)
      for (const event of ['visibilitychange', 'focus', 'blur']) place.addEventListener(event, look)
    return () => {
      for (const place of places)
        for (const event of ['visibilitychange', 'focus', 'blur']) place.removeEventListener(event, look)
    }
  }, [])
  // The first word of the server about the room tells where the reader stopped the last time; the messages may come after it.
  useEffect(() => {
    if (settled || unread === null || (unread > 0 && firstUnread === null)) return
    setSettled(true)
    setMark(firstUnread)
  }, [settled, unread, firstUnread])
  // What comes while nobody looks is new to them as well; what they had read before is not any more.
  useEffect(() => {
    if (away && settled) setMark(firstUnread)
  }, [away, settled, firstUnread])
  useEffect(() => {
    if (sentCount > 0) setMark(null)
  }, [sentCount])
  return mark
}
