/**
 * A function that may be called often and runs once a tick for each key, after what the tick still does: what changes together is
 * written, sent and told together.
 */
export function perTick<K>(run: (key: K) => void): (key: K) => void {
  const scheduled = new Set<K>()
  return (key) => {
    if (scheduled.has(key)) return
    scheduled.add(key)
    void Promise.resolve().then(() => {
      scheduled.delete(key)
      run(key)
    })
  }
}
