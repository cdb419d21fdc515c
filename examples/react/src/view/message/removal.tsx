import type { ReactElement } from 'react'
import { useMessage, useReadable, useRoom } from 'tidings/react'
import { textOf } from '../../model/body.js'
import { useDesk } from '../desk-context.js'
import { Confirmation } from '../parts/confirmation.js'

const Asked = ({
  room,
  message: key,
}: {
  readonly room: string
  readonly message: string
}): ReactElement | null => {
  const desk = useDesk()
  const target = useRoom(room)
  const message = useMessage(room, key)
  if (message === null || message.deleted) return null
  return (
    <Confirmation
      title="Delete this message?"
      action="Delete"
      onConfirm={() => target.remove(key)}
      onClose={() => desk.removing.set(null)}
    >
      <p>Everybody in #{room} will see that it was here, and nobody what it said.</p>
      <blockquote className="modal-quote">{textOf(message.body)}</blockquote>
    </Confirmation>
  )
}

/** Asks before a message is deleted: others lose it as well, and it does not come back. */
export const Removal = ({ room }: { readonly room: string }): ReactElement | null => {
  const key = useReadable(useDesk().removing)
  return key === null ? null : <Asked room={room} message={key} />
}
