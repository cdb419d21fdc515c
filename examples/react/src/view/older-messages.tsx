import type { ReactElement } from 'react'
import type { StepState } from './use-step.js'

interface OlderMessagesProps {
  readonly state: StepState
  /** Messages that arrived late and have their place up there. */
  readonly late: number
  readonly onLoad: () => void
}

const words: Record<StepState, string> = {
  ready: 'Load older messages',
  loading: 'Loading…',
  unavailable: 'Try again',
}

export const OlderMessages = ({ state, late, onLoad }: OlderMessagesProps): ReactElement => (
  <div className="older">
    {state === 'unavailable' && <p>Older messages cannot be had right now.</p>}
    {late > 0 && (
      <p>
        {late === 1 ? 'A message that arrived late stands' : `${late} messages that arrived late stand`}{' '}
        further up.
      </p>
    )}
    <button type="button" className="plain" aria-disabled={state === 'loading'} onClick={onLoad}>
      {words[state]}
    </button>
  </div>
)
