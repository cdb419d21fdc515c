import type { ReactElement } from 'react'
import { usePresence } from 'tidings/react'

/** How somebody is there, as a dot on their face. What it says in colour stands in words in the list of people. */
export const PresenceDot = ({ user }: { readonly user: string }): ReactElement | null => {
  const { status } = usePresence(user)
  if (status === 'unknown') return null
  return <span className="presence" data-presence={status} aria-hidden="true" />
}
