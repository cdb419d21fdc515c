import { type KeyboardEvent, type MouseEvent, memo, type ReactElement, useId, useState } from 'react'
import type { Message } from 'tidings'
import type { AutoReadRef } from 'tidings/react'
import { tintOf } from '../../model/people.js'
import { timeSeenFrom } from '../../model/time.js'
import { isAny, waysOf } from '../../model/ways.js'
import { useDesk } from '../desk-context.js'
import { Face } from '../parts/face.js'
import { Icon } from '../parts/icons.js'
import { Bubble } from './bubble.js'
import { Editor } from './editor.js'
import { Reactions } from './reactions.js'
import { RowActions } from './row-actions.js'
import { Trouble } from './trouble.js'
import { useLongPress } from './use-long-press.js'

interface MessageRowProps {
  readonly message: Message
  readonly user: string
  readonly first: boolean
  readonly last: boolean
  readonly endsLate: boolean
  /** Whether Tab leads here. */
  readonly active: boolean
  readonly editing: boolean
  /** Tells that the row was seen. */
  readonly seen: AutoReadRef
  readonly onFocus: (key: string) => void
}

/** Younger than this when first drawn, a message comes in with a small movement. */
const FRESH_MS = 2_000

/** Written earlier than its neighbours knew: where it stands is right, but nobody has read it there yet. */
const LateMark = ({ message }: { readonly message: Message }): ReactElement => (
  <p className="late">
    <Icon name="late" />
    Arrived late
    {message.ts !== null && `, ${timeSeenFrom(message.ts, message.sentAt, Date.now())}`}
  </p>
)

/** The ways to a message's menu and its most common entries without a pointer, while the row itself has the focus. */
const useRowWays = (message: Message, user: string) => {
  const desk = useDesk()
  const ways = waysOf(message, user)
  const openMenu = (row: Element) => {
    if (!isAny(ways)) return
    const at = (row.querySelector('.bubble') ?? row).getBoundingClientRect()
    desk.menu.set({ message: message.key, at, kind: 'all' })
  }
  const acts: Readonly<Record<string, ((row: Element) => void) | false>> = {
    Enter: openMenu,
    r: ways.reply && (() => desk.replyTo.set(message.key)),
    e: ways.edit && (() => desk.editing.set(message.key)),
    Delete: ways.remove && (() => desk.removing.set(message.key)),
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const { currentTarget, target, key, ctrlKey, metaKey, altKey } = event
    const act = acts[key]
    if (target !== currentTarget || ctrlKey || metaKey || altKey || !act) return
    event.preventDefault()
    act(currentTarget)
  }
  // The key for menus arrives as this event on the row itself; a mouse hits something inside of it and gets the browser's menu.
  const onContextMenu = (event: MouseEvent) => {
    if (event.target !== event.currentTarget) return
    event.preventDefault()
    openMenu(event.currentTarget)
  }
  return { openMenu, onKeyDown, onContextMenu }
}

/** One message with all that belongs to it. Drawn anew only when it changed. */
export const MessageRow = memo((props: MessageRowProps): ReactElement => {
  const { message, user, first, last, endsLate, active, editing, seen, onFocus } = props
  const own = message.from === user
  const bubbleId = useId()
  const [fresh] = useState(() => Date.now() - (message.ts ?? message.sentAt) < FRESH_MS)
  const { openMenu, ...keys } = useRowWays(message, user)
  const press = useLongPress(openMenu)
  return (
    <li
      ref={seen(message)}
      className="message"
      tabIndex={active ? 0 : -1}
      data-key={message.key}
      data-id={message.id}
      data-status={message.status}
      data-own={own}
      data-first={first}
      data-last={last}
      data-late={message.late}
      data-fresh={fresh}
      aria-labelledby={editing ? undefined : bubbleId}
      onFocus={() => onFocus(message.key)}
      {...keys}
    >
      {!own && <span className="face">{first && <Face name={message.from} />}</span>}
      <div className="stack">
        {!own && first && (
          <span className="author" data-tint={tintOf(message.from)} aria-hidden="true">
            {message.from}
          </span>
        )}
        <div className="line" {...press}>
          {editing ? (
            <Editor message={message} />
          ) : (
            <>
              <Bubble id={bubbleId} message={message} own={own} reachable={active} />
              <RowActions message={message} bubbleId={bubbleId} reachable={active} />
            </>
          )}
        </div>
        <Reactions message={message} reachable={active} />
        {endsLate && <LateMark message={message} />}
        <Trouble message={message} bubbleId={bubbleId} />
      </div>
    </li>
  )
})
