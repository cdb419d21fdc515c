/** Runs something when the platform has done what else waits for its turn, and not milliseconds later as nested timers do. */
export function nextTurn(run: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(run)
  else if (typeof MessageChannel !== 'function') setTimeout(run, 0)
  else {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      // A channel that is open lives as long as its page.
      port1.close()
      run()
    }
    port2.postMessage(null)
  }
}
