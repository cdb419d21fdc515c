import type { ServerFrames } from '../../protocol/index.js'
import { retryDelayMs } from '../connection/backoff.js'
import { LIMITS } from '../limits.js'
import type { Random } from '../seams/random.js'

/** How often the server said "not now" to each operation, and how long to wait before it is asked again. */
export interface Refusals {
  /** One more. Returns the pause in ms; undefined once that was often enough to give up. */
  again(id: string, frame: ServerFrames['nack']): number | undefined
  /** It was decided. */
  forget(id: string): void
}

export function createRefusals(random: Random): Refusals {
  const counts = new Map<string, number>()
  return {
    again(id, frame) {
      // A server that is not ready says nothing about the operation.
      const count = (counts.get(id) ?? 0) + (frame.code === 'not_ready' ? 0 : 1)
      counts.set(id, count)
      if (count >= LIMITS.poisonAfter) return undefined
      // What is not there is there soon, or not for long: the room does not stand still for minutes.
      const longest = frame.retryable ? count : LIMITS.missingSteps
      const backoff = retryDelayMs(Math.max(0, Math.min(count - 1, longest)), random.next())
      return frame.retryAfter ?? backoff
    },
    forget: (id) => void counts.delete(id),
  }
}
