import { type FormEvent, type ReactElement, useState } from 'react'
import { useReadable } from 'tidings/react'
import { type Pin, TITLE_LENGTH, TOPIC_LENGTH } from '../model/settings.js'
import { useDesk } from './desk-context.js'
import { Icon } from './parts/icons.js'
import { Modal } from './parts/modal.js'
import { type RoomSettings as Settings, useSettings } from './use-settings.js'

interface PartProps {
  readonly room: string
  readonly settings: Settings
  readonly onClose: () => void
}

/** What was typed counts where it was changed; other fields keep what others make of them meanwhile. */
const AboutForm = ({ room, settings, onClose }: PartProps): ReactElement => {
  const { about, records } = settings
  const [title, setTitle] = useState<string | null>(null)
  const [topic, setTopic] = useState<string | null>(null)
  const save = (event: FormEvent) => {
    event.preventDefault()
    const changed = {
      ...(title !== null && title.trim() !== about.title && { title: title.trim() }),
      ...(topic !== null && topic.trim() !== about.topic && { topic: topic.trim() }),
    }
    if (Object.keys(changed).length > 0) records.update('about', changed)
    onClose()
  }
  return (
    <form className="settings-form" onSubmit={save}>
      <label>
        Name
        <input
          value={title ?? about.title}
          maxLength={TITLE_LENGTH}
          placeholder={room}
          autoComplete="off"
          onChange={({ target }) => setTitle(target.value)}
        />
      </label>
      <label>
        Topic
        <input
          value={topic ?? about.topic}
          maxLength={TOPIC_LENGTH}
          placeholder="What this room is about"
          autoComplete="off"
          onChange={({ target }) => setTopic(target.value)}
        />
      </label>
      <div className="modal-ways">
        <button type="button" className="plain" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="solid">
          Save
        </button>
      </div>
    </form>
  )
}

/** Changes that the server refused: shown as they were asked for nowhere, so they are said here. */
const Refused = ({ settings }: { readonly settings: Settings }): ReactElement | null => {
  const { failed, retry, discard } = settings.records
  const [first] = failed
  if (first === undefined) return null
  return (
    <div className="settings-refused" role="alert">
      <p>
        <strong>Not saved.</strong> {first.error?.message}
      </p>
      <button type="button" className="plain" onClick={() => retry(first.id)}>
        Retry
      </button>
      <button type="button" className="plain" onClick={() => discard(first.id)}>
        Discard
      </button>
    </div>
  )
}

const Pins = ({ settings, onClose }: PartProps): ReactElement => {
  const { goal } = useDesk()
  const show = (pin: Pin) => {
    onClose()
    goal.set(pin.message)
  }
  return (
    <section className="settings-pins">
      <h3>Pinned messages</h3>
      {settings.pins.length === 0 && <p>None yet: the menu of a message pins it.</p>}
      <ul>
        {settings.pins.map((pin) => (
          <li key={pin.id}>
            <button type="button" className="pin-words" onClick={() => show(pin)}>
              <strong>{pin.from}</strong> {pin.words}
            </button>
            <button
              type="button"
              className="quiet"
              aria-label={`Unpin the message of ${pin.from}: ${pin.words}`}
              onClick={() => settings.records.remove(pin.id)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

const OpenSettings = ({ room }: { readonly room: string }): ReactElement => {
  const desk = useDesk()
  const settings = useSettings(room)
  const close = () => desk.settings.set(false)
  return (
    <Modal title={`Settings of #${room}`} onClose={close}>
      {(leave) => (
        <>
          <Refused settings={settings} />
          <Pins room={room} settings={settings} onClose={leave} />
          <AboutForm room={room} settings={settings} onClose={leave} />
        </>
      )}
    </Modal>
  )
}

/** The settings of the room, while they are open. */
export const RoomSettings = ({ room }: { readonly room: string }): ReactElement | null =>
  useReadable(useDesk().settings) ? <OpenSettings room={room} /> : null
