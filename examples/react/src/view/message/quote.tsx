import type { ReactElement } from 'react'
import { useMessage } from 'tidings/react'
import { textOf } from '../../model/body.js'
import { tintOf } from '../../model/people.js'

interface QuoteProps {
  readonly room: string
  readonly replyTo: string
  /** Whether Tab leads into this row. */
  readonly reachable: boolean
  readonly onShow: (key: string) => void
}

/** The message that is being answered, and the way to it. */
export const Quote = ({ room, replyTo, reachable, onShow }: QuoteProps): ReactElement => {
  const parent = useMessage(room, replyTo)
  if (parent === null) return <span className="quote">An earlier message</span>
  return (
    <button
      type="button"
      className="quote"
      data-tint={tintOf(parent.from)}
      tabIndex={reachable ? 0 : -1}
      onClick={() => onShow(parent.key)}
    >
      <span className="quote-author">{parent.from}</span>
      <span className="quote-words">{parent.deleted ? 'Deleted' : textOf(parent.body)}</span>
    </button>
  )
}
