import { type Cell, createCell } from './cell.js'
import { ofBrowser } from './kept.js'
import { cleanName } from './place.js'

const FIRST_ROOMS = ['general', 'coffee', 'releases']

const parsed = (text: string | null): readonly string[] => {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(value)) return []
    return value.flatMap((room) => (typeof room === 'string' ? (cleanName(room) ?? []) : []))
  } catch {
    return []
  }
}

/** The rooms that a person has in the sidebar: the first ones, and those ever visited in this browser. */
export interface RoomList extends Cell<readonly string[]> {
  readonly add: (room: string) => void
}

export const createRoomList = (user: string): RoomList => {
  const key = `rooms:${user}`
  const kept = () => parsed(ofBrowser.read(key))
  const cell = createCell<readonly string[]>([...new Set([...FIRST_ROOMS, ...kept()])])
  return {
    ...cell,
    add: (room) => {
      if (cell.get().includes(room)) return
      cell.set([...cell.get(), room])
      // Another window may have been elsewhere meanwhile.
      ofBrowser.write(key, JSON.stringify([...new Set([...kept(), ...cell.get()])]))
    },
  }
}
