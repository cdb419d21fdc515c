import { useEffect, useRef } from 'react'
import type { Message, Timeline } from 'tidings'

/** Tells of messages by others that came after the list was first shown: not of older ones that were loaded, nor of filled gaps. */
export const useNews = (
  { items, status }: Timeline,
  user: string,
  onNews: (news: readonly Message[]) => void,
): void => {
  const newest = useRef<number | null>(null)
  useEffect(() => {
    if (status === 'loading') return
    const before = newest.current
    const news: Message[] = []
    let seen = before ?? 0
    for (const item of items) {
      if (item.type !== 'message' || item.seq === null) continue
      seen = Math.max(seen, item.seq)
      if (before !== null && item.seq > before && item.from !== user) news.push(item)
    }
    newest.current = seen
    if (news.length > 0) onNews(news)
  }, [items, status, user, onNews])
}
