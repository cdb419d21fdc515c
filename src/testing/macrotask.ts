// Taken when the module loads: a test that replaces the platform's timers later does not stop the timeline.
const immediate = typeof setImmediate === 'function' ? setImmediate : undefined

/**
 * One turn of the platform's real event loop: every promise chain that can go on has gone on when it resolves.
 * Not a sleep: it takes microseconds, and no test's outcome depends on how many.
 */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (immediate !== undefined) {
      immediate(resolve)
      return
    }
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
