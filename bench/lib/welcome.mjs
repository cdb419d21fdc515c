const HOUR_MS = 3_600_000

/** What a server in memory greets with; it pings nobody. */
export const welcomeFrame = (user, now, reconnectWindow) => ({
  type: 'welcome',
  session: 'session',
  user,
  node: 'node',
  t: now,
  ping: { interval: HOUR_MS, timeout: 10_000 },
  limits: {
    frame: 65_536,
    body: 32_768,
    rooms: 256,
    page: 500,
    dedupeWindow: 24 * HOUR_MS,
    rate: { perSecond: 1_000, burst: 1_000 },
  },
  ...(reconnectWindow !== undefined && { reconnectWindow }),
})
