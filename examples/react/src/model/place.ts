import { createCell } from './cell.js'

/** Who is here and where: all of it stands in the address, so that a window can be bookmarked, shared and reloaded. */
export interface Place {
  readonly user: string | null
  readonly room: string
}

const FIRST_ROOM = 'general'
/** What the page asks for: it has to fit the sidebar. An address may name more, up to what the wire allows. */
export const NAME_LENGTH = 40
const LONGEST_NAME = 128

/** A name that somebody typed, without what the wire refuses; null when nothing is left. */
export const cleanName = (name: string): string | null =>
  name
    .trim()
    .slice(0, LONGEST_NAME)
    .replace(/[\p{Cc}\p{Cs}]/gu, '') || null

const nameIn = (parameters: URLSearchParams, key: string) => cleanName(parameters.get(key) ?? '')

const placeOf = (search: string): Place => {
  const parameters = new URLSearchParams(search)
  return { user: nameIn(parameters, 'user'), room: nameIn(parameters, 'room') ?? FIRST_ROOM }
}

export const addressOf = (user: string, room: string): string =>
  `?${new URLSearchParams({ user, room }).toString()}`

export const place = createCell(placeOf(location.search))

window.addEventListener('popstate', () => place.set(placeOf(location.search)))

/** Goes to another room without loading the page anew. */
export const goTo = (user: string, room: string): void => {
  if (room === place.get().room) return
  history.pushState(null, '', addressOf(user, room))
  place.set({ user, room })
}
