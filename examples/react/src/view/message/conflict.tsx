import type { ReactElement } from 'react'
import type { FailedEdit, Message } from 'tidings'
import { useRoom } from 'tidings/react'
import { textOf } from '../../model/body.js'
import { useDesk } from '../desk-context.js'

interface ConflictProps {
  readonly message: Message
  readonly edit: FailedEdit
  readonly bubbleId: string
}

/** Two edits of one message at the same time: both texts, and what to do about them. */
export const Conflict = ({ message, edit, bubbleId }: ConflictProps): ReactElement => {
  const desk = useDesk()
  const room = useRoom(message.room)
  const way = { type: 'button', className: 'plain', 'aria-describedby': bubbleId } as const
  return (
    <section className="conflict" aria-label="Two edits at the same time">
      <p>
        <strong>Changed on another device meanwhile.</strong> Which text shall stay?
      </p>
      <dl>
        <div data-side="yours">
          <dt>Yours</dt>
          <dd>{textOf(edit.yours)}</dd>
        </div>
        <div data-side="current">
          <dt>As it is now</dt>
          <dd>{edit.current === null ? 'Deleted' : textOf(edit.current)}</dd>
        </div>
      </dl>
      <div className="trouble-ways">
        <button {...way} onClick={() => desk.editing.set(message.key)}>
          Edit again
        </button>
        <button {...way} onClick={() => room.edit(message.key, edit.yours)}>
          Use mine
        </button>
        <button {...way} onClick={() => room.discard(message.key)}>
          Discard mine
        </button>
      </div>
    </section>
  )
}
