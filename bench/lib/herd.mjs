// A server that takes so many clients back in a second, and time that passes as fast as it can be counted.

/** What a refused client knows it after, ms. */
const REFUSAL_MS = 50
/** Whoever is not back by then is counted as lost. */
const HORIZON_MS = 900_000

/** Time in whole milliseconds. `after` is the seam of the SDK's clock. */
export const createTime = () => {
  const due = new Map()
  let now = 0
  return {
    now: () => now,
    after(ms, fn) {
      const at = now + Math.ceil(Math.max(0, ms))
      const timer = { fn }
      const there = due.get(at)
      if (there) there.push(timer)
      else due.set(at, [timer])
      return () => {
        timer.fn = undefined
      }
    },
    /** Runs what is due now, what it makes due now included, and moves on by a millisecond. */
    pass() {
      const timers = due.get(now) ?? []
      for (const timer of timers) timer.fn?.()
      due.delete(now)
      now++
    },
  }
}

/**
 * Takes `rate` clients a second, keeps as many waiting as it can take in a second, and refuses all others, and everybody in the first
 * `downMs` of a fall. Before the first fall it takes everybody.
 */
export const createServer = (time, { rate, downMs }) => {
  let fell
  let credit = 0
  let queue = []
  /** In each second after the fall. */
  const attempts = new Uint32Array(HORIZON_MS / 1_000 + 1)
  return {
    attempts,
    fall() {
      fell = time.now()
    },
    /** One of the two is called later. */
    arrive(accept, refuse) {
      if (fell === undefined) return time.after(1, accept)
      const ms = time.now() - fell
      attempts[Math.floor(ms / 1_000)]++
      if (ms >= downMs && queue.length < rate) return queue.push(accept)
      return time.after(REFUSAL_MS, refuse)
    },
    /** A millisecond of work. */
    serve() {
      if (fell === undefined || time.now() - fell < downMs) return
      // What was not used in a quiet moment is gone.
      credit = Math.min(credit + rate / 1_000, rate / 1_000 + 1)
      const taken = queue.slice(0, Math.floor(credit))
      if (taken.length === 0) return
      credit -= taken.length
      queue = queue.slice(taken.length)
      for (const accept of taken) accept()
    },
  }
}

/**
 * Drops `count` clients at once and plays until all are back or none will come any more. `herd({time, server, back})` gives the clients
 * as {connect, drop, gaveUp}: `connect` and `drop` do it to all of them, `back` is told of each that is connected.
 */
export const play = (herd, { count, rate, downMs, calmMs = 0 }) => {
  const time = createTime()
  const server = createServer(time, { rate, downMs })
  let connected = 0
  let backAt = []
  const clients = herd({
    time,
    server,
    count,
    back() {
      connected++
      backAt.push(time.now())
    },
  })
  const pass = (until) => {
    while (!until()) {
      server.serve()
      time.pass()
    }
  }
  clients.connect()
  pass(() => time.now() > calmMs)
  if (connected !== count) throw new Error(`${connected} of ${count} clients were connected at first.`)
  backAt = []
  const fell = time.now()
  server.fall()
  clients.drop()
  pass(() => backAt.length + clients.gaveUp() >= count || time.now() - fell > HORIZON_MS)
  const at = backAt[Math.ceil(count * 0.99) - 1]
  return {
    /** Undefined where less than 99 % came back. */
    backMs: at === undefined ? undefined : at - fell,
    peak: Math.max(...server.attempts),
    attempts: server.attempts.reduce((sum, some) => sum + some, 0) / count,
    lost: count - backAt.length,
  }
}
