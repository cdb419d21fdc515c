import type { Mark, MarkClaim, Marks } from '../core/marks.js'
import { createFollowers } from '../log/followers.js'
import type { Link } from './link.js'
import { FIELD, PART } from './record.js'

const markOf = (room: string, text: string): Mark => {
  const [user = '', upTo, readAt] = text.split(FIELD)
  return { room, user, upTo: Number(upTo), readAt: Number(readAt) }
}

const claimWords = ({ user, upTo = 0, readAt, messageIds = [] }: MarkClaim): string[] => [
  ...[user, String(upTo), String(readAt), String(messageIds.length)],
  ...messageIds,
]

export interface RedisMarks extends Marks {
  /** What the channel of a room brought from another node. */
  heard(room: string, text: string): void
}

/** Read marks in Redis: a call for each room, merged there. */
export function createRedisMarks({ call }: Pick<Link, 'call'>, node: string): RedisMarks {
  const { follow, tell } = createFollowers<Mark>()
  const marksIn = (room: string, text: string): readonly Mark[] =>
    text === '' ? [] : text.split(PART).map((each) => markOf(room, each))
  return {
    follow,
    async raise(claims) {
      const byRoom = new Map<string, MarkClaim[]>()
      for (const claim of claims) byRoom.set(claim.room, [...(byRoom.get(claim.room) ?? []), claim])
      const moved = await Promise.all(
        [...byRoom].map(async ([room, some]) => {
          const [text = ''] = await call('raise', room, node, ...some.flatMap(claimWords))
          return marksIn(room, text)
        }),
      )
      tell(moved.flat())
    },
    async of(room) {
      return (await call('marks', room)).map((text) => markOf(room, text))
    },
    heard: (room, text) => tell(marksIn(room, text)),
  }
}
