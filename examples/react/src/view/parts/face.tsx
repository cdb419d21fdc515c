import type { ReactElement } from 'react'
import { Avatar } from './avatar.js'
import { PresenceDot } from './presence-dot.js'

/** A person's face, with a dot that says whether they are there. */
export const Face = ({ name }: { readonly name: string }): ReactElement => (
  <span className="face-of">
    <Avatar name={name} />
    <PresenceDot user={name} />
  </span>
)
