import { type ReactElement, useCallback, useState } from 'react'
import { notifications, receipts } from 'tidings'
import { useClient, useNotifications } from 'tidings/react'
import type { Anchor } from '../model/desk.js'
import { type Notice, noticeOf } from '../model/notices.js'
import { shortTime } from '../model/time.js'
import { Avatar } from './parts/avatar.js'
import { Icon } from './parts/icons.js'
import { Popover } from './parts/popover.js'

interface BellProps {
  readonly onOpen: (room: string) => void
}

const NoticeRow = ({
  notice,
  onOpen,
}: {
  readonly notice: Notice
  readonly onOpen: () => void
}): ReactElement => (
  <li>
    <button type="button" className="notice" onClick={onOpen}>
      <Avatar name={notice.from} />
      <span className="notice-text">
        <span>
          <strong>{notice.from}</strong> named you in <strong>#{notice.room}</strong>
        </span>
        <span className="notice-words">{notice.words}</span>
      </span>
      <time dateTime={new Date(notice.at).toISOString()}>{shortTime(notice.at, Date.now())}</time>
    </button>
  </li>
)

/** What the server told this person alone: how much is new, and the list. Opening it reads it. */
export const Bell = ({ onOpen }: BellProps): ReactElement => {
  const client = useClient()
  const { items, unread } = useNotifications()
  const [at, setAt] = useState<Anchor | null>(null)
  const close = useCallback(() => setAt(null), [])
  const notices = items.flatMap((item) => (item.type === 'message' ? (noticeOf(item) ?? []) : [])).reverse()
  const count = unread ?? 0
  const open = (anchor: Anchor) => {
    setAt(anchor)
    receipts(notifications(client)).markRead()
  }
  return (
    <>
      <button
        type="button"
        className="quiet bell"
        aria-haspopup="dialog"
        aria-label={count === 0 ? 'Notifications' : `Notifications, ${count} new`}
        onClick={(event) => open(event.currentTarget.getBoundingClientRect())}
      >
        <Icon name="bell" />
        {count > 0 && (
          <span className="badge" aria-hidden="true">
            {count}
          </span>
        )}
      </button>
      {at !== null && (
        <Popover name="Notifications" at={at} onClose={close}>
          {(leave) => (
            <div className="notices">
              <h2>Notifications</h2>
              {notices.length === 0 && <p>Nothing yet. Messages that name you (@{client.user}) show here.</p>}
              <ul>
                {notices.map((notice) => (
                  <NoticeRow
                    key={notice.key}
                    notice={notice}
                    onOpen={() => {
                      leave()
                      onOpen(notice.room)
                    }}
                  />
                ))}
              </ul>
            </div>
          )}
        </Popover>
      )}
    </>
  )
}
