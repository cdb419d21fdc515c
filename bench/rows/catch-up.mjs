import { inChromium, missingChromium } from '../lib/browser.mjs'
import { withChatServer } from '../lib/chat-server.mjs'
import { openRelay } from '../lib/relay.mjs'
import { median } from '../lib/report.mjs'

const bars = { time: { max: 2 }, gap: { max: 1 } }
/** In ms; the bars stand at `judged`. */
const roundTrips = [0, 30, 150]
const judged = 30
/** How long a page may be deaf, in ms. */
const patience = 50

const through = (url, { port }) => {
  const relayed = new URL(url)
  relayed.port = port
  return relayed.href
}

/** Runs `use(server)` with every address led through a relay. */
const farFrom = async (server, roundTripMs, use) => {
  const relays = []
  const relayed = async (url) => {
    relays.push(await openRelay(Number(new URL(url).port), roundTripMs))
    return through(url, relays.at(-1))
  }
  try {
    return await use({
      ...server,
      url: await relayed(server.url),
      frameUrl: await relayed(server.frameUrl),
    })
  } finally {
    for (const relay of relays) relay.close()
  }
}

const stores = [
  ['IndexedDB', true],
  ['memory', false],
]

/** Where calls into the page are made: each finds it tidy, and is told with the time that the page's main thread worked, in ms. */
const openDesk = async (call, send) => {
  await send('Performance.enable')
  const worked = async () => {
    const { metrics } = await send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'ThreadTime').value * 1_000
  }
  return {
    async run(name, given) {
      await call('tidy')
      const before = await worked()
      const taken = await call(name, given)
      return { taken, cpu: (await worked()) - before }
    },
    slowDown: (rate) => send('Emulation.setCPUThrottlingRate', { rate }),
  }
}

const measure = async (desk, server, roundTripMs, rounds) => {
  const measured = { frame: [], IndexedDB: [], memory: [] }
  for (let i = 0; i < rounds; i++) {
    measured.frame.push(await desk.run('frame', server))
    for (const [name, durable] of stores) {
      const service = `${name}-${roundTripMs}-${i}`
      measured[name].push(await desk.run('ours', { ...server, service, durable }))
    }
  }
  return measured
}

/** `what`, of the frame and of ours, which is told as a multiple. */
const rowsOf = (measured, what, { label, frame, bar }) => {
  const of = (name) => measured[name].map((one) => one[what])
  return [
    { label: `${label}: ${frame}`, value: median(of('frame')), unit: 'ms' },
    ...stores.map(([name]) => ({
      label: `${label}: tidings, ${name}`,
      value: median(of(name)),
      unit: 'ms',
      ratio: median(of(name).map((value, i) => value / of('frame')[i])),
      ...(bar !== undefined && { bar }),
    })),
  ]
}

/** The page on a quarter of a processor. */
const gaps = async (desk, server, rounds) => {
  await desk.slowDown(4)
  const taken = { idle: [], IndexedDB: [], memory: [] }
  for (let i = 0; i < rounds; i++) {
    taken.idle.push((await desk.run('idleGap', 2_000)).taken)
    for (const [name, durable] of stores) {
      const gap = await desk.run('gap', { ...server, service: `${name}-gap-${i}`, durable })
      taken[name].push(gap.taken)
    }
  }
  await desk.slowDown(1)
  return [
    { label: 'longest gap, CPU / 4: nothing to do', value: median(taken.idle), unit: 'ms' },
    ...stores.map(([name]) => ({
      label: `longest gap, CPU / 4: tidings, ${name}`,
      value: median(taken[name]),
      unit: 'ms',
      ratio: median(taken[name]) / patience,
      bar: bars.gap,
    })),
  ]
}

const measureAt = async (desk, server, roundTripMs, rounds) => {
  const measured = await measure(desk, server, roundTripMs, rounds)
  const frame = `one frame of ${Math.round(server.bytes / 1e6)} MB, parsed`
  const label = `${roundTripMs} ms`
  if (roundTripMs !== judged) return rowsOf(measured, 'taken', { label, frame })
  return [
    ...rowsOf(measured, 'taken', { label, frame, bar: bars.time }),
    ...rowsOf(measured, 'cpu', { label: 'main thread, CPU', frame }),
    ...(await gaps(desk, server, rounds)),
  ]
}

const everything = async (call, send, server, rounds) => {
  const desk = await openDesk(call, send)
  const results = []
  // Warm: what is compared is not which one the compiler saw first.
  await measure(desk, server, 'warm', 1)
  for (const roundTripMs of roundTrips)
    await farFrom(server, roundTripMs, async (far) => {
      results.push(...(await measureAt(desk, far, roundTripMs, rounds)))
    })
  return results
}

/** Coming back to a long room over a slow way. */
export const row = {
  name: 'catch-up',
  about:
    'from connect to the last of a long room in Chromium, by round trip, against the same messages as one frame; and how long the page is deaf, of 50 ms',
  bars,
  async run({ quick }) {
    const missing = missingChromium()
    if (missing !== undefined) return [{ label: 'every case', skipped: missing }]
    const count = quick ? 10_000 : 100_000
    const rounds = quick ? 1 : 3
    return inChromium(
      'bench/pages/catch-up.mjs',
      (call, { send, origin }) =>
        withChatServer(count, origin, (server) => everything(call, send, { ...server, count }, rounds)),
      { flags: ['--js-flags=--expose-gc'] },
    )
  },
}
