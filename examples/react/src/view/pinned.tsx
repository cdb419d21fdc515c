import type { ReactElement } from 'react'
import { useDesk } from './desk-context.js'
import { Icon } from './parts/icons.js'
import { useSettings } from './use-settings.js'

/** The newest pinned message, always in sight. */
export const Pinned = ({ room }: { readonly room: string }): ReactElement | null => {
  const { goal, settings } = useDesk()
  const { pins } = useSettings(room)
  const newest = pins.at(-1)
  if (newest === undefined) return null
  return (
    <section className="pinned" aria-label="Pinned">
      <button type="button" className="pinned-one" onClick={() => goal.set(newest.message)}>
        <Icon name="pin" />
        <span className="pinned-words">
          <strong>{newest.from}</strong> {newest.words}
        </span>
      </button>
      {pins.length > 1 && (
        <button type="button" className="pinned-more" onClick={() => settings.set(true)}>
          {`All ${pins.length}`}
        </button>
      )}
    </section>
  )
}
