import type { ReactElement } from 'react'
import { addressOf, NAME_LENGTH, place } from '../model/place.js'
import { Avatar } from './parts/avatar.js'
import { Icon } from './parts/icons.js'

const people = ['alice', 'bob', 'carol']

/** Asks who is there. A plain form and plain links: the answer is the address of the chat. */
export const Welcome = (): ReactElement => {
  const { room } = place.get()
  return (
    <main className="welcome">
      <div className="card">
        <span className="brand-mark">
          <Icon name="wave" />
        </span>
        <h1>Who is writing?</h1>
        <p>Choose a name and say something. Open a second window under another name to talk to yourself.</p>
        <ul className="people">
          {people.map((name) => (
            <li key={name}>
              <a href={addressOf(name, room)}>
                <Avatar name={name} />
                {name}
              </a>
            </li>
          ))}
        </ul>
        <form className="own-name" method="get" action="/">
          <label htmlFor="user">Or your own name</label>
          <div className="own-name-line">
            <input id="user" name="user" required maxLength={NAME_LENGTH} autoComplete="nickname" />
            <input type="hidden" name="room" value={room} />
            <button type="submit" className="solid">
              Enter
            </button>
          </div>
        </form>
        <p className="small">
          Then switch a window offline, write on, reload it, and come back: nothing is lost.
        </p>
      </div>
    </main>
  )
}
