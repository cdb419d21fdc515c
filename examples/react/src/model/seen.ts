import type { Readable } from 'tidings'
import { createCell } from './cell.js'
import { ofBrowser } from './kept.js'

/** Up to which message each room was looked at in this browser: the key of the newest one then. */
export interface Seen extends Readable<ReadonlyMap<string, string>> {
  readonly mark: (room: string, message: string) => void
}

const parsed = (text: string | null): ReadonlyMap<string, string> => {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    if (typeof value !== 'object' || value === null) return new Map()
    return new Map(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  } catch {
    return new Map()
  }
}

export const createSeen = (user: string): Seen => {
  const key = `seen:${user}`
  const cell = createCell(parsed(ofBrowser.read(key)))
  return {
    get: cell.get,
    subscribe: cell.subscribe,
    mark: (room, message) => {
      if (cell.get().get(room) === message) return
      cell.set(new Map(cell.get()).set(room, message))
      ofBrowser.write(key, JSON.stringify(Object.fromEntries(cell.get())))
    },
  }
}
