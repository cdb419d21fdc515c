import type { FollowedRoom } from './followed-room.js'
import { LIMITS } from './limits.js'
import { createHistory, type History } from './messages/history.js'
import type { Clock } from './seams/clock.js'

/** A reader's ways through a followed room. */
export function historyOf(followed: FollowedRoom, user: string, clock: Clock): History {
  const { keeper, backfill, timeline, replica, watch, mark } = followed

  /** Resolves once the room follows every message, or when it is clear that it does not now. */
  const whenLive = (): Promise<boolean> =>
    new Promise((resolve) => {
      const decide = (late: boolean): void => {
        const { status } = replica.status()
        if (status === 'syncing' && !late) return
        stop()
        cancel()
        resolve(status === 'live')
      }
      const stop = watch(() => decide(false))
      const cancel = clock.after(LIMITS.pageTimeoutMs, () => decide(true))
      decide(false)
    })

  return createHistory({
    user,
    keeper,
    backfill,
    mark,
    whenLive,
    waiting(reference) {
      const message = timeline.find(reference)
      return message?.seq === null ? message.key : undefined
    },
  })
}
