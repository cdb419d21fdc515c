import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { type Message, TidingsError } from 'tidings'
import { useRoom } from 'tidings/react'
import { textOf } from '../../model/body.js'
import { useDesk } from '../desk-context.js'
import { useGrowing } from '../use-growing.js'

/** After a conflict one goes on with what one wrote, on top of what the message says now. */
const firstTextOf = ({ body, error }: Message): string =>
  textOf(error?.code === 'conflict' && error.edit !== undefined ? error.edit.yours : body)

/** The words of a message as a box, in the message's own place. */
export const Editor = ({ message }: { readonly message: Message }): ReactElement => {
  const desk = useDesk()
  const room = useRoom(message.room)
  const box = useRef<HTMLTextAreaElement>(null)
  // What is saved was written over what the message said then, whatever became of it meanwhile.
  const [opened] = useState(message)
  const [text, setText] = useState(() => firstTextOf(opened))
  const [refusal, setRefusal] = useState<string | null>(null)
  useGrowing(box, text)
  useEffect(() => {
    const { current } = box
    current?.focus()
    current?.setSelectionRange(current.value.length, current.value.length)
  }, [])

  const leave = () => {
    const row = box.current?.closest<HTMLElement>('[data-key]')
    desk.editing.set(null)
    row?.focus()
  }
  const save = () => {
    const next = text.trim()
    if (next === '') return
    try {
      if (next !== textOf(opened.body))
        room.edit(message.key, { text: next }, { expectVersion: opened.version })
      leave()
    } catch (cause) {
      setRefusal(cause instanceof TidingsError ? cause.message : String(cause))
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') leave()
    // While a word is being composed, Enter chooses it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    save()
  }
  return (
    <div className="editor">
      <textarea
        ref={box}
        aria-label="Edit message"
        rows={1}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {refusal !== null && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
      <div className="editor-ways">
        <span className="editor-keys" aria-hidden="true">
          Enter saves, Esc cancels
        </span>
        <button type="button" className="plain" onClick={leave}>
          Cancel
        </button>
        <button type="button" className="solid small-solid" disabled={text.trim() === ''} onClick={save}>
          Save
        </button>
      </div>
    </div>
  )
}
