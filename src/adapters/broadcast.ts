import { LIMITS } from '../core/limits.js'
import type { Clock } from '../core/seams/clock.js'

/** Tells other contexts of this profile which keys were committed. */
export interface Broadcast {
  tell(keys: readonly string[]): void
  close(): void
}

/** Said beside keys: by who opens, and by who was there. */
type Greeting = 'hello' | 'here'

const isKeys = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((key) => typeof key === 'string')

/**
 * A channel of this name; where the platform has none, nobody is told. Who is alone tells nobody either: a message costs a page more than
 * making what it tells of. Contexts greet each other a moment after they open, when a page is not busy with its start, and whoever greets
 * or is greeted tells from then on.
 */
export function createBroadcast(
  name: string,
  clock: Clock,
  told: (keys: readonly string[]) => void,
): Broadcast {
  const channel = open(name)
  if (channel === undefined) return { tell() {}, close() {} }
  /** What was committed lately by who is alone, and when; a greeting may be on its way. Undefined in company. */
  let untold: Map<string, number> | undefined = new Map()
  let hasGreeted = false
  const cancelGreeting = clock.after(LIMITS.greetAfterMs, () => {
    hasGreeted = true
    post('hello')
  })

  function post(message: readonly string[] | Greeting): void {
    try {
      channel?.postMessage(message)
    } catch {
      // Closed meanwhile: watching is a hint, the commit stands.
    }
  }

  function meet(): void {
    const keys = [...(untold?.keys() ?? [])]
    untold = undefined
    if (keys.length > 0) post(keys)
  }

  /** Whoever comes reads what was committed before; what is kept here is what may have crossed with the greeting. */
  function keep(lately: Map<string, number>, keys: readonly string[]): void {
    const now = clock.now()
    for (const key of keys) {
      // Behind the others, in the order of time.
      lately.delete(key)
      lately.set(key, now)
    }
    // Timers of a hidden page may be late.
    if (!hasGreeted) return
    for (const [key, at] of lately) {
      if (Math.abs(now - at) <= LIMITS.greetingMs) break
      lately.delete(key)
    }
  }

  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const keys = isKeys(data) ? data : undefined
    if (data === 'hello') post('here')
    // Who tells without a greeting is company, too.
    if (keys || data === 'hello' || data === 'here') meet()
    if (keys) told(keys)
  }
  return {
    tell(keys) {
      if (untold) keep(untold, keys)
      else post(keys)
    },
    close() {
      cancelGreeting()
      channel.onmessage = null
      channel.close()
    },
  }
}

function open(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(`tidings:${name}`)
  } catch {
    // Missing, or refused to a page without an origin.
    return undefined
  }
}
