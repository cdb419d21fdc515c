import { type ReactElement, useCallback, useState } from 'react'
import { useRoomPresence } from 'tidings/react'
import type { Anchor } from '../model/desk.js'
import { inOrder, presenceInWords, thereOf } from '../model/presences.js'
import { Avatar } from './parts/avatar.js'
import { Face } from './parts/face.js'
import { Icon } from './parts/icons.js'
import { Popover } from './parts/popover.js'

const FACES = 3

interface RoomPeopleProps {
  readonly user: string
  readonly room: string
}

/** Who is in the room: some faces and a number, and all of them in a list behind it. */
export const RoomPeople = ({ user, room }: RoomPeopleProps): ReactElement | null => {
  const { users, count } = useRoomPresence(room)
  const [at, setAt] = useState<Anchor | null>(null)
  const close = useCallback(() => setAt(null), [])
  const there = inOrder(thereOf(users), user)
  const number = users.length > 0 ? there.length : count
  if (number === null || number === 0) return null
  return (
    <>
      <button
        type="button"
        className="people-here"
        aria-haspopup="dialog"
        onClick={(event) => setAt(event.currentTarget.getBoundingClientRect())}
      >
        <span className="people-faces" aria-hidden="true">
          {there.slice(0, FACES).map((each) => (
            <Avatar key={each.user} name={each.user} />
          ))}
        </span>
        <span className="people-icon">
          <Icon name="people" />
        </span>
        <span className="people-count">
          {number}
          <span className="spoken">{number === 1 ? ' person here' : ' people here'}</span>
        </span>
      </button>
      {at !== null && (
        <Popover name={`People in #${room}`} at={at} onClose={close}>
          {() => (
            <div className="people-list" tabIndex={-1}>
              <h2>People here</h2>
              {users.length === 0 && <p className="people-none">Too many to name: {number}.</p>}
              <ul>
                {inOrder(users, user).map((each) => (
                  <li key={each.user}>
                    <Face name={each.user} />
                    <span className="people-text">
                      <strong>{each.user === user ? `${each.user} (you)` : each.user}</strong>
                      <span>{presenceInWords(each, room)}</span>
                    </span>
                  </li>
                ))}
              </ul>
            </div>
          )}
        </Popover>
      )}
    </>
  )
}
