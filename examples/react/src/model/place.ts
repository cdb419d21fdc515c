import { createCell } from './cell.js'

/** Who is here and where: all of it stands in the address, so that a window can be bookmarked, shared and reloaded. */
export interface Place {
  readonly user: string | null
  readonly room: string
}

const FIRST_ROOM = 'general'
/** The wire allows 128 characters; the page asks for what fits its sidebar. */
export const NAME_LENGTH = 40

const nameIn = (parameters: URLSearchParams, key: string) => parameters.get(key)?.trim() || null

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
