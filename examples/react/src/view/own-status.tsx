import { type ReactElement, useCallback, useId, useState } from 'react'
import { useConnection, usePresence } from 'tidings/react'
import type { Anchor } from '../model/desk.js'
import { CUSTOM_LENGTH, keepStatus, type OwnStatus as Said, statuses } from '../model/own-status.js'
import { Avatar } from './parts/avatar.js'
import { Popover } from './parts/popover.js'

const words = { online: 'Online', away: 'Away', busy: 'Busy', offline: 'Looks offline' } as const

interface StatusFormProps {
  readonly said: Said
  readonly onSay: (next: Said) => void
}

const StatusForm = ({ said, onSay }: StatusFormProps): ReactElement => {
  const group = useId()
  return (
    <div className="status-form">
      <fieldset>
        <legend>How others see you</legend>
        {statuses.map(({ status, words, more }) => (
          <label key={status} className="status-one">
            <input
              type="radio"
              name={group}
              checked={said.status === status}
              onChange={() => onSay({ ...said, status })}
            />
            <span className="presence" data-presence={status} aria-hidden="true" />
            <span>
              {words}
              <small>{more}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <label className="status-custom">
        In your own words
        <input
          value={said.custom}
          maxLength={CUSTOM_LENGTH}
          autoComplete="off"
          placeholder="On the train until six"
          onChange={({ target }) => onSay({ ...said, custom: target.value })}
        />
      </label>
    </div>
  )
}

/** The reader's own face, and what they say about themselves. */
export const OwnStatus = ({ user }: { readonly user: string }): ReactElement => {
  const { status, custom, set } = usePresence()
  // Nobody sees what is said without a connection.
  const isHeard = useConnection().state === 'connected'
  const [at, setAt] = useState<Anchor | null>(null)
  const close = useCallback(() => setAt(null), [])
  const said: Said = { status: status === 'away' ? 'online' : status, custom: custom ?? '' }
  const say = (next: Said) => {
    set({ status: next.status, custom: next.custom === '' ? null : next.custom })
    keepStatus(user, next)
  }
  return (
    <>
      <button
        type="button"
        className="own-status"
        aria-haspopup="dialog"
        onClick={(event) => setAt(event.currentTarget.getBoundingClientRect())}
      >
        <span className="face-of">
          <Avatar name={user} />
          <span className="presence" data-presence={isHeard ? status : 'offline'} aria-hidden="true" />
        </span>
        <span className="you-text">
          <strong>{user}</strong>
          <span className="own-words">
            {isHeard ? words[status] : 'Not connected'}
            {custom !== null && ` · ${custom}`}
          </span>
        </span>
      </button>
      {at !== null && (
        <Popover name="Your status" at={at} onClose={close}>
          {() => <StatusForm said={said} onSay={say} />}
        </Popover>
      )}
    </>
  )
}
