import { type FormEvent, type ReactElement, useCallback, useState } from 'react'
import type { Anchor } from '../model/desk.js'
import { dayOf, daysAgo, inputDay } from '../model/time.js'
import { useDesk } from './desk-context.js'
import { Icon } from './parts/icons.js'
import { Popover } from './parts/popover.js'

const choices = [
  { words: 'Today', days: 0 },
  { words: 'Yesterday', days: 1 },
  { words: 'A week ago', days: 7 },
] as const

const Choice = ({ onChoose }: { readonly onChoose: (at: number) => void }): ReactElement => {
  const now = Date.now()
  const [day, setDay] = useState(() => inputDay(now))
  const go = (event: FormEvent) => {
    event.preventDefault()
    const at = dayOf(day)
    if (at !== null) onChoose(at)
  }
  return (
    <form className="dates" onSubmit={go}>
      <label>
        Jump to date
        <input
          type="date"
          required
          value={day}
          max={inputDay(now)}
          onChange={({ target }) => setDay(target.value)}
        />
      </label>
      <button type="submit" className="solid">
        Jump
      </button>
      <div className="dates-near">
        {choices.map(({ words, days }) => (
          <button key={days} type="button" className="plain" onClick={() => onChoose(daysAgo(days, now))}>
            {words}
          </button>
        ))}
      </div>
    </form>
  )
}

/** Takes the reader to the first message of a day. */
export const JumpToDate = (): ReactElement => {
  const { goal } = useDesk()
  const [at, setAt] = useState<Anchor | null>(null)
  const close = useCallback(() => setAt(null), [])
  return (
    <>
      <button
        type="button"
        className="quiet"
        title="Jump to date"
        aria-label="Jump to date"
        aria-haspopup="dialog"
        onClick={(event) => setAt(event.currentTarget.getBoundingClientRect())}
      >
        <Icon name="calendar" />
      </button>
      {at !== null && (
        <Popover name="Jump to date" at={at} onClose={close}>
          {(leave) => (
            <Choice
              onChoose={(day) => {
                leave()
                goal.set(day)
              }}
            />
          )}
        </Popover>
      )}
    </>
  )
}
