import { useCallback, useRef, useState } from 'react'
import type { Room } from 'tidings'

export type OlderState = 'ready' | 'loading' | 'unavailable'

/** Loads a step of older messages at a time, however often it is asked. */
export const useOlder = (room: Room): { readonly state: OlderState; readonly load: () => void } => {
  const [state, setState] = useState<OlderState>('ready')
  const busy = useRef(false)
  const load = useCallback(() => {
    if (busy.current) return
    busy.current = true
    setState('loading')
    void room.loadOlder().then((loaded) => {
      busy.current = false
      setState(loaded ? 'ready' : 'unavailable')
    })
  }, [room])
  return { state, load }
}
