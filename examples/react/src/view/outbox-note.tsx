import type { ReactElement } from 'react'
import { useOutbox } from 'tidings/react'
import { Icon } from './parts/icons.js'

const messages = (count: number) => (count === 1 ? '1 message' : `${count} messages`)

/** How much of what was written has not reached the server, over all rooms. */
export const OutboxNote = (): ReactElement => {
  const { pending, failed } = useOutbox()
  return (
    <>
      {/* A failure is worth a word to those who do not see it; what merely waits is not. */}
      <span className="spoken" aria-live="polite">
        {failed > 0 && `${messages(failed)} not sent`}
      </span>
      <p className="outbox" data-pending={pending} data-failed={failed} hidden={pending + failed === 0}>
        {pending > 0 && (
          <span className="outbox-part">
            <Icon name="stored" />
            {messages(pending)} waiting to be sent
          </span>
        )}
        {failed > 0 && (
          <span className="outbox-part" data-tone="bad">
            <Icon name="warning" />
            {messages(failed)} not sent
          </span>
        )}
      </p>
    </>
  )
}
