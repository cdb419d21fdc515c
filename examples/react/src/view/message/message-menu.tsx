import type { ReactElement, ReactNode } from 'react'
import type { Message } from 'tidings'
import { useClient, useMessage, useReadable, useRoom } from 'tidings/react'
import { textOf } from '../../model/body.js'
import type { OpenMenu } from '../../model/desk.js'
import { pinName, pinOf } from '../../model/settings.js'
import { type Ways, waysOf } from '../../model/ways.js'
import { useDesk } from '../desk-context.js'
import { Icon } from '../parts/icons.js'
import { Menu } from '../parts/menu.js'
import { Popover } from '../parts/popover.js'
import { useSettings } from '../use-settings.js'
import { ReactionChoice } from './reaction-choice.js'

interface EntryProps {
  readonly icon: Parameters<typeof Icon>[0]['name']
  readonly grave?: boolean
  readonly onChoose: () => void
  readonly children: ReactNode
}

const Entry = ({ icon, grave = false, onChoose, children }: EntryProps): ReactElement => (
  <button type="button" role="menuitem" className="entry" data-grave={grave} tabIndex={-1} onClick={onChoose}>
    <Icon name={icon} />
    {children}
  </button>
)

interface PinEntryProps {
  readonly message: Message
  readonly choosing: (act: () => void) => () => void
}

const PinEntry = ({ message, choosing }: PinEntryProps): ReactElement => {
  const { pins, records } = useSettings(message.room)
  const name = pinName(message.id)
  const isPinned = pins.some(({ id }) => id === name)
  const toggle = () =>
    isPinned ? records.remove(name) : records.add(pinOf(message.id, message.from, textOf(message.body)))
  return (
    <Entry icon="pin" onChoose={choosing(toggle)}>
      {isPinned ? 'Unpin' : 'Pin'}
    </Entry>
  )
}

interface EntriesProps {
  readonly message: Message
  readonly ways: Ways
  readonly onDone: () => void
}

const Entries = ({ message, ways, onDone }: EntriesProps): ReactElement => {
  const desk = useDesk()
  const room = useRoom(message.room)
  const choosing = (act: () => void) => () => {
    // The menu goes first: it gives the focus back, and what comes next may take it.
    onDone()
    act()
  }
  return (
    <>
      {ways.reply && (
        <Entry icon="reply" onChoose={choosing(() => desk.replyTo.set(message.key))}>
          Reply
        </Entry>
      )}
      {ways.copy && (
        // A browser may refuse its clipboard; there is nothing to be done then.
        <Entry
          icon="copy"
          onChoose={choosing(() => void navigator.clipboard?.writeText(textOf(message.body)).catch(() => {}))}
        >
          Copy text
        </Entry>
      )}
      {ways.edit && (
        <Entry icon="edit" onChoose={choosing(() => desk.editing.set(message.key))}>
          Edit
        </Entry>
      )}
      {ways.pin && <PinEntry message={message} choosing={choosing} />}
      {ways.discard && (
        <Entry icon="discard" grave onChoose={choosing(() => room.discard(message.key))}>
          Discard
        </Entry>
      )}
      {ways.remove && !ways.discard && (
        <Entry icon="discard" grave onChoose={choosing(() => desk.removing.set(message.key))}>
          Delete
        </Entry>
      )}
    </>
  )
}

const OpenMessageMenu = ({
  room,
  open,
}: {
  readonly room: string
  readonly open: OpenMenu
}): ReactElement | null => {
  const desk = useDesk()
  const { user } = useClient()
  const message = useMessage(room, open.message)
  const close = () => desk.menu.set(null)
  if (message === null) return null
  const ways = waysOf(message, user)
  const name =
    open.kind === 'reactions' ? 'React' : `Message of ${message.from === user ? 'yours' : message.from}`
  return (
    <Popover name={name} at={open.at} onClose={close}>
      {(leave) => (
        <Menu name={name}>
          {ways.react && <ReactionChoice message={message} onDone={leave} />}
          {open.kind === 'all' && <Entries message={message} ways={ways} onDone={leave} />}
        </Menu>
      )}
    </Popover>
  )
}

/** The menu of whichever message one was asked for: one for the whole room. */
export const MessageMenu = ({ room }: { readonly room: string }): ReactElement | null => {
  const open = useReadable(useDesk().menu)
  return open === null ? null : <OpenMessageMenu room={room} open={open} />
}
