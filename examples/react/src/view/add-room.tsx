import { type FormEvent, type ReactElement, useState } from 'react'
import { cleanName, NAME_LENGTH } from '../model/place.js'
import { Icon } from './parts/icons.js'

/** Any name is a room: it begins when somebody enters it. */
export const AddRoom = ({ onAdd }: { readonly onAdd: (room: string) => void }): ReactElement => {
  const [name, setName] = useState('')
  const add = (event: FormEvent) => {
    event.preventDefault()
    const room = cleanName(name.replace(/^[#\s]+/, '').toLowerCase())
    if (room === null) return
    setName('')
    onAdd(room)
  }
  return (
    <form className="add-room" onSubmit={add}>
      <input
        aria-label="Name of a new room"
        placeholder="Add a room"
        value={name}
        maxLength={NAME_LENGTH}
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="quiet" aria-label="Add the room" disabled={name.trim() === ''}>
        <Icon name="plus" />
      </button>
    </form>
  )
}
