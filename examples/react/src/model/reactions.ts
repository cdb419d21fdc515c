import type { Reaction } from 'tidings'

/** The pictures that are offered. Any other text that somebody reacts with is shown as it came. */
export const offered = [
  { emoji: '👍', name: 'Thumbs up' },
  { emoji: '❤️', name: 'Heart' },
  { emoji: '😂', name: 'Tears of joy' },
  { emoji: '🎉', name: 'Party' },
  { emoji: '😮', name: 'Astonished' },
  { emoji: '😢', name: 'Crying' },
  { emoji: '👀', name: 'Eyes' },
  { emoji: '✅', name: 'Done' },
] as const

export type Offered = (typeof offered)[number]['emoji']

export const nameOf = (emoji: string): string =>
  offered.find((each) => each.emoji === emoji)?.name.toLowerCase() ?? emoji

export const hasReacted = (reactions: readonly Reaction[], emoji: string, user: string): boolean =>
  reactions.some((reaction) => reaction.emoji === emoji && reaction.users.includes(user))

/** Names as one says them: the reader is "you" and comes first. */
export const namesOf = (users: readonly string[], user: string): string => {
  const names = [...(users.includes(user) ? ['you'] : []), ...users.filter((each) => each !== user)]
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names)
}
