import type { ReactElement } from 'react'
import { useClient, useConnection, useIdle, useReadable } from 'tidings/react'
import type { Session } from '../model/session.js'

/** What somebody should know before writing on, at most one thing at a time: the gravest first. */
export const Banner = ({ session }: { readonly session: Session }): ReactElement | null => {
  const client = useClient()
  const { state, error } = useConnection()
  const storage = useReadable(client.storage)
  const offline = useReadable(session.offline)
  const idle = useIdle()

  if (state === 'failed')
    return (
      <div className="banner" data-tone="bad">
        <p>{error?.message ?? 'The server refused this connection.'}</p>
        <button type="button" className="plain" onClick={() => client.connect()}>
          Try again
        </button>
      </div>
    )
  if (storage.state === 'degraded')
    return (
      <div className="banner" data-tone="warn">
        <p>
          This browser keeps nothing for the page right now. What waits here is lost when the window closes.
        </p>
      </div>
    )
  if (offline)
    return (
      <div className="banner">
        <p>This window is offline. Write on: your messages are kept here and sent when you come back.</p>
      </div>
    )
  if (idle.state === 'warning')
    return (
      <div className="banner" role="alert">
        <p>Are you still here? In a minute the others will see you as away.</p>
        <button type="button" className="plain">
          I am here
        </button>
      </div>
    )
  return null
}
