import type { ReactElement } from 'react'
import { initialsOf, tintOf } from '../../model/people.js'

/** A face made of initials. The name stands beside it, so it says nothing to a screen reader. */
export const Avatar = ({ name }: { readonly name: string }): ReactElement => (
  <span className="avatar" data-tint={tintOf(name)} aria-hidden="true">
    {initialsOf(name)}
  </span>
)
