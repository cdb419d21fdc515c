import { messageIdOf } from 'tidings-server/core'
import type { Stage } from './stage.js'

/** Everything that the outboxes of a person's devices hold, as text. */
const heldBy = ({ seats }: Stage, user: string): string =>
  seats
    .filter(({ profile }) => profile.user === user)
    .flatMap(({ profile: { disk } }) =>
      disk
        .names()
        .filter((name) => name.includes('outbox'))
        .flatMap((name) => disk.entries(name)),
    )
    .map((entry) => JSON.stringify(entry))
    .join('\n')

/** How an entry of this name begins, as a text within a text: others may answer it. */
const entryOf = (key: string): string => JSON.stringify(`"id":"${key}"`).slice(1, -1)

/**
 * Something was destroyed just now. What stands neither on the server nor on a disk of its author is owed to nobody any more: what a page
 * still has in memory goes out all the same, unless the page goes first.
 */
export function reckon(stage: Stage): void {
  const held = new Map<string, string>()
  for (const intent of stage.intents.values()) {
    const { user, room, key, queued, lost } = intent
    if (!queued || lost || stage.kept.has(messageIdOf(room, user, key))) continue
    if (!held.has(user)) held.set(user, heldBy(stage, user))
    if (!held.get(user)?.includes(entryOf(key))) intent.lost = true
  }
}
