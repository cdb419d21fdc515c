import type { ReactElement } from 'react'
import type { Message } from 'tidings'
import { textOf } from '../model/body.js'

export interface Announcement {
  readonly key: string
  readonly words: string
}

/** One message is read out; many are counted, for nobody can listen to a page of them. */
export const announcementOf = (news: readonly Message[]): Announcement => {
  const [first] = news
  const words =
    first !== undefined && news.length === 1
      ? `${first.from}: ${textOf(first.body)}`
      : `${news.length} new messages`
  return { key: news.at(-1)?.key ?? '', words }
}

/** What a screen reader says when somebody else writes. */
export const Announcer = ({ announcement }: { readonly announcement: Announcement | null }): ReactElement => (
  <div className="spoken" aria-live="polite">
    {announcement !== null && <p key={announcement.key}>{announcement.words}</p>}
  </div>
)
