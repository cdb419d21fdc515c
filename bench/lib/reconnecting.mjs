// How other clients wait before they come back, as their documentation tells it, with its defaults. Each is (failures, random) → ms, where
// `failures` are the attempts that failed since the drop; undefined gives up.

const inSteps = (steps, last) => (failures) => (failures < steps.length ? steps[failures] : last)

export const DOCUMENTED = {
  'socket.io-client': {
    note: 'reconnectionDelay 1000, reconnectionDelayMax 5000, randomizationFactor 0.5',
    // Half or more, up to one and a half of what doubles; the bound is applied last.
    delay: (failures, random) => Math.min(5_000, 1_000 * 2 ** failures * (0.5 + random())),
  },
  centrifuge: {
    note: 'minReconnectDelay 500, maxReconnectDelay 20000, full jitter',
    delay: (failures, random) =>
      Math.min(20_000, 500 + random() * Math.min(20_000, 500 * 2 ** Math.min(failures, 30))),
  },
  phoenix: {
    note: 'reconnectAfterMs: 10, 50, 100, 150, 200, 250, 500, 1000, 2000, then 5000',
    delay: inSteps([10, 50, 100, 150, 200, 250, 500, 1_000, 2_000], 5_000),
  },
  signalr: {
    note: 'withAutomaticReconnect(): 0, 2, 10 and 30 s, then it stops',
    delay: inSteps([0, 2_000, 10_000, 30_000], undefined),
  },
  'graphql-ws': {
    note: 'retryAttempts 5, retryWait: 2^n s and 300 ms to 3 s',
    delay: (failures, random) => (failures < 5 ? 1_000 * 2 ** failures + 300 + random() * 2_700 : undefined),
  },
}
