import { type KeyboardEvent, type ReactElement, useRef, useState } from 'react'
import { useAutoRead, useReadable } from 'tidings/react'
import type { Row } from '../model/rows.js'
import { dayName } from '../model/time.js'
import { useDesk } from './desk-context.js'
import { GapRow } from './gap-row.js'
import { MessageRow } from './message/message-row.js'

interface RowsProps {
  readonly rows: readonly Row[]
  readonly user: string
  readonly room: string
  /** Back to the box where one writes. */
  readonly onLeave: () => void
}

/** The row that a key belongs to: the one that has the focus, or a button in it; keys in a box are the box's own. */
const rowOf = (target: EventTarget): HTMLElement | null =>
  target instanceof Element && !(target instanceof HTMLTextAreaElement)
    ? target.closest<HTMLElement>('[data-key]')
    : null

/** Where an arrow key leads from a row, among `length` rows. */
const step = (key: string, from: number, length: number): number | null => {
  if (key === 'ArrowUp') return Math.max(0, from - 1)
  if (key === 'ArrowDown') return Math.min(length - 1, from + 1)
  if (key === 'Home') return 0
  if (key === 'End') return length - 1
  return null
}

/** The list itself. One row at a time can be reached by Tab, the arrow keys move between them: a long list is no long way. */
export const Rows = ({ rows, user, room, onLeave }: RowsProps): ReactElement => {
  const seen = useAutoRead(room)
  const editing = useReadable(useDesk().editing)
  const list = useRef<HTMLOListElement>(null)
  const [focused, setFocused] = useState<string | null>(null)
  const messages = rows.filter((row) => row.kind === 'message')
  const active = messages.some(({ key }) => key === focused) ? focused : messages.at(-1)?.key

  const rowElements = () => [...(list.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])]
  const move = (event: KeyboardEvent) => {
    const elements = rowElements()
    const row = rowOf(event.target)
    const from = row === null ? -1 : elements.indexOf(row)
    if (from >= 0 && event.key === 'Escape') onLeave()
    const to = from < 0 ? null : step(event.key, from, elements.length)
    if (to === null) return
    event.preventDefault()
    elements[to]?.focus()
  }

  const draw = (row: Row) => {
    switch (row.kind) {
      case 'day':
        return (
          <li key={row.key} className="day">
            <span>{dayName(row.at, Date.now())}</span>
          </li>
        )
      case 'unread':
        return (
          <li key={row.key} className="day unread-line">
            <span>New messages</span>
          </li>
        )
      case 'gap':
        return <GapRow key={row.key} gap={row.gap} room={room} />
      case 'unreadable':
        return (
          <li key={row.key} className="unreadable">
            A message that this version of the chat cannot show.
          </li>
        )
      case 'message':
        return (
          <MessageRow
            key={row.key}
            message={row.message}
            first={row.first}
            last={row.last}
            endsLate={row.endsLate}
            user={user}
            active={row.key === active}
            editing={row.key === editing}
            seen={seen}
            onFocus={setFocused}
          />
        )
    }
  }
  return (
    <ol ref={list} className="rows" onKeyDown={move}>
      {rows.map(draw)}
    </ol>
  )
}
