import { useMemo } from 'react'
import type { Records, RecordsState } from '../core/records/records.js'
import { useReadable } from './use-readable.js'

/** Records as they are shown, and what a component does with them: the functions stay the same for the same records. */
export interface OptimisticRecords<T extends object>
  extends RecordsState<T>,
    Pick<Records<T>, 'add' | 'update' | 'remove' | 'retry' | 'discard'> {}

/**
 * Records of `createOptimistic` or `recordsOf`, kept current. Needs no provider. The same object until something changed; each item stays
 * the same until something about it changed, so rows may be memoised by it.
 *
 * React 19 has a hook of this name, and the clash is intended: it answers the same wish for one component, with a value that lasts as
 * long as an action runs. This one knows what was confirmed and what failed, over any number of changes and components. A file that needs
 * both renames one: `import { useOptimistic as useRecords } from 'tidings/react'`.
 */
export function useOptimistic<T extends object>(records: Records<T>): OptimisticRecords<T> {
  const state = useReadable(records.state)
  return useMemo(() => {
    const { add, update, remove, retry, discard } = records
    return { ...state, add, update, remove, retry, discard }
  }, [records, state])
}
