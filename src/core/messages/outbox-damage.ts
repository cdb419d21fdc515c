import { TidingsError } from '../errors.js'
import type { Store } from '../seams/storage.js'
import { isNewer, type Known, type Row, readGroup, setAside } from './outbox-records.js'

/** Stores of which was told that they hold something newer. */
const told = /* @__PURE__ */ new WeakSet<Store>()

const isBad =
  (known: Known) =>
  ([key, value]: Row): boolean =>
    readGroup(value, known.get(key)).bad > 0

/** Whether something of these records cannot be read, or was set aside by a page that did not know it. */
export const isDamaged = (rows: readonly Row[], known: Known): boolean => rows.some(isBad(known))

/** Keeps records that cannot be read whole where nothing overwrites them, puts back what is known of them, and says so. Never rejects. */
export async function setBadAside(
  store: Store,
  rows: readonly Row[],
  known: Known,
  onError: (error: TidingsError) => void,
): Promise<void> {
  if (!told.has(store) && rows.some(([, value]) => isNewer(value))) {
    told.add(store)
    const message =
      'The outbox holds what a newer version of this page wrote. It is left as it is: reload the page to see and send it.'
    onError(new TidingsError('bad_record', message))
  }
  const bad = rows.filter(isBad(known))
  if (bad.length === 0) return
  const keys = bad.map(([key]) => key)
  try {
    await setAside(store, keys, known)
  } catch (cause) {
    const message = 'Stored outbox records that cannot be read could not be kept aside either.'
    onError(new TidingsError('storage', message, { cause }))
  }
  const message = `${bad.length} stored outbox records could not be read whole. They are kept aside; the rest goes on.`
  onError(new TidingsError('bad_record', message))
}
