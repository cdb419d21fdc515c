import { type ReactElement, useState } from 'react'
import type { Gap } from 'tidings'
import { useRoom } from 'tidings/react'

type GapState = 'ready' | 'loading' | 'unavailable'

const words: Record<GapState, string> = { ready: 'Load', loading: 'Loading…', unavailable: 'Try again' }

/** A stretch that this device does not hold: said, never hidden. */
export const GapRow = ({ gap, room }: { readonly gap: Gap; readonly room: string }): ReactElement => {
  const followed = useRoom(room)
  const [state, setState] = useState<GapState>('ready')
  const missing = gap.before - gap.after - 1
  const load = () => {
    if (state === 'loading') return
    setState('loading')
    void followed.fillGap(gap).then((filled) => setState(filled ? 'ready' : 'unavailable'))
  }
  return (
    <li className="gap" data-gap={gap.key}>
      <span>
        {missing === 1 ? 'A message is' : `${missing.toLocaleString()} messages are`} not on this device
        {state === 'unavailable' && ' and cannot be had right now'}.
      </span>
      <button type="button" className="plain" aria-disabled={state === 'loading'} onClick={load}>
        {words[state]}
      </button>
    </li>
  )
}
