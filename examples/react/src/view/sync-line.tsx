import type { ReactElement } from 'react'
import { useClient, useReadable } from 'tidings/react'

/** A line that runs while messages are being fetched, and says how many are left when that is known. */
export const SyncLine = (): ReactElement | null => {
  const { phase, remaining } = useReadable(useClient().sync)
  if (phase !== 'catching-up') return null
  return (
    <div className="sync" aria-hidden="true">
      {remaining !== null && remaining > 0 && <span>{remaining} to catch up</span>}
    </div>
  )
}
