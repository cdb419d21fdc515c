import { useMemo } from 'react'
import { type IdleOptions, type IdleStatus, idle } from '../core/people/idle.js'
import { useClient } from './hooks.js'
import { useReadable } from './use-readable.js'

/**
 * Whether a person is there, watched while the component is mounted; new options begin anew. Throws a TidingsError `invalid_argument`
 * for options that cannot be meant, and outside of any TidingsProvider.
 */
export const useIdle = ({ afterMs, warnMs }: IdleOptions = {}): IdleStatus => {
  const client = useClient()
  return useReadable(useMemo(() => idle(client, { afterMs, warnMs }), [client, afterMs, warnMs]))
}
