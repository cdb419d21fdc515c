import { messages, type Tab } from './world.js'

/** Follows the room and connects. */
export function start(tab: Tab, room = 'general'): Tab {
  tab.client.room(room).open()
  tab.client.connect()
  return tab
}

export const statuses = (tab: Tab, room = 'general') =>
  messages(tab.client, room).map((message) => message.status)

/** The codes of the errors that a tab was told of. */
export const codes = ({ errors }: Pick<Tab, 'errors'>) => errors.map(({ code }) => code)

export const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

export const HOUR = 60 * 60_000
