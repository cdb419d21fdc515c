import { type ReactElement, useEffect, useState } from 'react'
import type { ConnectionState } from 'tidings'
import { useConnection } from 'tidings/react'

const words: Record<ConnectionState, string> = {
  idle: 'Offline',
  connecting: 'Connecting',
  connected: 'Connected',
  waiting: 'Reconnecting',
  failed: 'Not connected',
  destroyed: 'Closed',
}

/** Seconds until a moment, counted down while somebody looks. */
const useSecondsUntil = (at: number | null): number | null => {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (at === null) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [at])
  return at === null ? null : Math.max(0, Math.ceil((at - now) / 1000))
}

/** What the connection does. Its words are announced when they change; the countdown beside them is for the eye only. */
export const ConnectionBadge = (): ReactElement => {
  const { state, nextRetryAt } = useConnection()
  const seconds = useSecondsUntil(nextRetryAt)
  return (
    <p className="connection" data-state={state}>
      <span className="dot" aria-hidden="true" />
      <span className="connection-words" role="status" data-state={state}>
        {words[state]}
      </span>
      {seconds !== null && seconds > 0 && (
        <span className="countdown" aria-hidden="true">
          {seconds} s
        </span>
      )}
    </p>
  )
}
