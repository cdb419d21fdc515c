import type { ReactElement } from 'react'
import { useMessage } from 'tidings/react'
import { textOf } from '../../model/body.js'
import { tintOf } from '../../model/people.js'
import { useDesk } from '../desk-context.js'

interface QuoteProps {
  readonly room: string
  readonly replyTo: string
  /** Whether Tab leads into this row. */
  readonly reachable: boolean
}

/** The message that is being answered, and the way to it. */
export const Quote = ({ room, replyTo, reachable }: QuoteProps): ReactElement => {
  const { goal } = useDesk()
  const parent = useMessage(room, replyTo)
  return (
    <button
      type="button"
      className="quote"
      data-tint={parent === null ? undefined : tintOf(parent.from)}
      tabIndex={reachable ? 0 : -1}
      onClick={() => goal.set(replyTo)}
    >
      {parent === null ? (
        <span className="quote-words">An earlier message</span>
      ) : (
        <>
          <span className="quote-author">{parent.from}</span>
          <span className="quote-words">{parent.deleted ? 'Deleted' : textOf(parent.body)}</span>
        </>
      )}
    </button>
  )
}
