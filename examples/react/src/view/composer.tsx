import {
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useState,
} from 'react'
import { type Message, TidingsError } from 'tidings'
import { useSend } from 'tidings/react'
import { textOf } from '../model/body.js'
import { ofWindow } from '../model/kept.js'
import { Icon } from './icons.js'

interface ComposerProps {
  readonly room: string
  readonly box: RefObject<HTMLTextAreaElement | null>
  readonly replyTo: Message | null
  /** Nobody may write here. */
  readonly closed: boolean
  readonly onClearReply: () => void
  readonly onSent: () => void
}

/** What stands in the box, kept over a reload until it is sent. */
const useDraft = (room: string) => {
  const key = `draft:${room}`
  const [draft, setDraft] = useState(() => ofWindow.read(key) ?? '')
  useEffect(() => ofWindow.write(key, draft === '' ? null : draft), [key, draft])
  return [draft, setDraft] as const
}

export const Composer = (props: ComposerProps): ReactElement => {
  const { room, box, replyTo, closed, onClearReply, onSent } = props
  const send = useSend(room)
  const [draft, setDraft] = useDraft(room)
  const [refusal, setRefusal] = useState<string | null>(null)
  const empty = draft.trim() === ''

  // Grows with what is written; the style sheet sets where it stops.
  useLayoutEffect(() => {
    if (box.current === null) return
    box.current.style.height = 'auto'
    box.current.style.height = draft === '' ? '' : `${box.current.scrollHeight}px`
  }, [box, draft])

  const submit = () => {
    if (empty || closed) return
    try {
      send({ text: draft.trim() }, replyTo === null ? {} : { replyTo: replyTo.key })
    } catch (cause) {
      // Too large: what was written stays in the box.
      setRefusal(cause instanceof TidingsError ? cause.message : String(cause))
      return
    }
    setRefusal(null)
    setDraft('')
    onSent()
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    submit()
    box.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && replyTo !== null) onClearReply()
    // While a word is being composed, Enter chooses it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }

  return (
    <form className="composer" onSubmit={onSubmit}>
      {replyTo !== null && (
        <div className="replying">
          <Icon name="reply" />
          <p>
            Reply to <strong>{replyTo.from}</strong>
            <span className="replying-words">{textOf(replyTo.body)}</span>
          </p>
          <button type="button" className="quiet" aria-label="Cancel the reply" onClick={onClearReply}>
            <Icon name="close" />
          </button>
        </div>
      )}
      {refusal !== null && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
      <div className="box">
        <textarea
          ref={box}
          aria-label="Message"
          placeholder={closed ? 'You cannot write here' : `Write to #${room}`}
          rows={1}
          value={draft}
          readOnly={closed}
          enterKeyHint="send"
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="send" aria-label="Send" disabled={empty || closed}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  )
}
