import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = () => void

const isCollect = (value: unknown): value is Collect => typeof value === 'function'

/** Measures the heap of the thread that calls it: bytes in use after everything that can go has gone. */
export function createHeapGauge(): { readonly usedBytes: () => number } {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (!isCollect(collect)) throw new Error('This engine does not let its garbage be collected on demand.')
  return {
    usedBytes() {
      // Twice: what only finalizers hold goes with the second.
      collect()
      collect()
      return getHeapStatistics().used_heap_size
    },
  }
}
