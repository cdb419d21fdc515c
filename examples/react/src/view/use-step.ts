import { useCallback, useRef, useState } from 'react'

export type StepState = 'ready' | 'loading' | 'unavailable'

export interface Step {
  readonly state: StepState
  readonly load: () => void
}

/** Loads a step of a list at a time, however often it is asked. */
export const useStep = (loadStep: () => Promise<boolean>): Step => {
  const [state, setState] = useState<StepState>('ready')
  const busy = useRef(false)
  const load = useCallback(() => {
    if (busy.current) return
    busy.current = true
    setState('loading')
    void loadStep().then((loaded) => {
      busy.current = false
      setState(loaded ? 'ready' : 'unavailable')
    })
  }, [loadStep])
  return { state, load }
}
