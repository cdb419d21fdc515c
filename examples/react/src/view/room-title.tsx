import type { ReactElement } from 'react'
import { useSettings } from './use-settings.js'

/** What the room is called, and in a second line what it is about. */
export const RoomTitle = ({ room }: { readonly room: string }): ReactElement => {
  const { about } = useSettings(room)
  return (
    <div className="head-title">
      <h1>
        <span className="hash" aria-hidden="true">
          #
        </span>
        {about.title === '' ? room : about.title}
      </h1>
      {about.topic !== '' && <p title={about.topic}>{about.topic}</p>}
    </div>
  )
}
