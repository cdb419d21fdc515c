import {
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  type RefObject,
  useEffect,
  useState,
} from 'react'
import { TidingsError } from 'tidings'
import { useReadable, useSend, useTypingIndicator } from 'tidings/react'
import { ofWindow } from '../model/kept.js'
import { useDesk } from './desk-context.js'
import { Icon } from './parts/icons.js'
import { Replying } from './replying.js'
import { useGrowing } from './use-growing.js'

interface ComposerProps {
  readonly room: string
  readonly box: RefObject<HTMLTextAreaElement | null>
  /** Nobody may write here. */
  readonly closed: boolean
  readonly onSent: () => void
  readonly onEditLast: () => void
}

/** What stands in the box, kept over a reload until it is sent. */
const useDraft = (room: string) => {
  const key = `draft:${room}`
  const [draft, setDraft] = useState(() => ofWindow.read(key) ?? '')
  useEffect(() => ofWindow.write(key, draft === '' ? null : draft), [key, draft])
  return [draft, setDraft] as const
}

export const Composer = (props: ComposerProps): ReactElement => {
  const { room, box, closed, onSent, onEditLast } = props
  const desk = useDesk()
  const replyTo = useReadable(desk.replyTo)
  const send = useSend(room)
  const { onInputChange } = useTypingIndicator(room)
  const [draft, setDraft] = useDraft(room)
  const [refusal, setRefusal] = useState<string | null>(null)
  const empty = draft.trim() === ''

  useGrowing(box, draft)
  useEffect(() => {
    if (replyTo !== null) box.current?.focus()
  }, [box, replyTo])

  const write = (text: string) => {
    setDraft(text)
    onInputChange(text)
  }
  const submit = () => {
    if (empty || closed) return
    try {
      send({ text: draft.trim() }, replyTo === null ? {} : { replyTo })
    } catch (cause) {
      // Too large: what was written stays in the box.
      setRefusal(cause instanceof TidingsError ? cause.message : String(cause))
      return
    }
    setRefusal(null)
    setDraft('')
    desk.replyTo.set(null)
    onSent()
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    submit()
    box.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') desk.replyTo.set(null)
    if (event.key === 'ArrowUp' && draft === '') {
      event.preventDefault()
      onEditLast()
    }
    // While a word is being composed, Enter chooses it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }

  return (
    <form className="composer" onSubmit={onSubmit}>
      {replyTo !== null && <Replying room={room} message={replyTo} onCancel={() => desk.replyTo.set(null)} />}
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
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="send" aria-label="Send" disabled={empty || closed}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  )
}
