import type { ReactElement } from 'react'
import { stretchesOf } from '../../model/links.js'

/** A text as it was written, its addresses as links. Nothing in it is ever markup. */
export const Words = ({
  text,
  reachable,
}: {
  readonly text: string
  readonly reachable: boolean
}): ReactElement => {
  let place = 0
  return (
    <span className="words">
      {stretchesOf(text).map((stretch) => {
        place += stretch.text.length
        if (stretch.href === null) return stretch.text
        return (
          <a
            key={place}
            href={stretch.href}
            target="_blank"
            rel="noreferrer noopener"
            tabIndex={reachable ? 0 : -1}
          >
            {stretch.text}
          </a>
        )
      })}
    </span>
  )
}
