/** What the client says about somebody, as far as this page shows it. */
interface Seen {
  readonly user: string
  readonly status: 'online' | 'away' | 'busy' | 'offline' | 'unknown'
  readonly custom: string | null
  readonly device: string | null
  readonly room: string | null
}

const words: Record<Seen['status'], string> = {
  online: 'Online',
  away: 'Away',
  busy: 'Busy',
  offline: 'Offline',
  unknown: 'Not known',
}

/** Somebody's presence in words, as seen from a room. */
export const presenceInWords = ({ status, custom, device, room }: Seen, here: string): string => {
  const parts: string[] = [words[status]]
  const isThere = status !== 'offline' && status !== 'unknown'
  if (isThere && device === 'phone') parts.push('on a phone')
  if (isThere && room !== null && room !== here) parts.push(`in #${room}`)
  if (custom !== null && custom !== '') parts.push(custom)
  return parts.join(' · ')
}

const rank = { online: 0, busy: 1, away: 2, offline: 3, unknown: 4 } as const

/** Those who are there come first, then by name; the reader is the first of all. */
export const inOrder = <T extends Seen>(people: readonly T[], user: string): readonly T[] =>
  [...people].sort(
    (a, b) =>
      Number(b.user === user) - Number(a.user === user) ||
      rank[a.status] - rank[b.status] ||
      a.user.localeCompare(b.user),
  )

/** Who counts as being in the room. */
export const thereOf = <T extends Seen>(people: readonly T[]): readonly T[] =>
  people.filter(({ status }) => status !== 'offline' && status !== 'unknown')
