import type { PresenceEntry } from 'tidings/protocol'
import type { Presence, PresenceChange } from '../../src/index.js'
import { createTimeline, type Timeline } from '../support/timeline.js'

export const HOUR_MS = 3_600_000

/** How a law begins: with time, presence on it, and what presence told. */
export function presenceBench(make: (time: Timeline) => Presence) {
  const begin = () => {
    const time = createTimeline()
    const presence = make(time)
    const changes: PresenceChange[] = []
    presence.follow((change) => changes.push(change))
    const of = async (user: string): Promise<PresenceEntry> => {
      const [entry] = await presence.of([user])
      if (!entry) throw new Error('Nobody is too unknown for an answer.')
      return entry
    }
    const statusOf = async (user: string) => (await of(user)).status
    return { time, presence, changes, of, statusOf }
  }
  return { begin, make }
}

export type PresenceBench = ReturnType<typeof presenceBench>
