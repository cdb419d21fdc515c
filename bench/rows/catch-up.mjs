import { inChromium, missingChromium } from '../lib/browser.mjs'
import { withChatServer } from '../lib/chat-server.mjs'
import { openRelay } from '../lib/relay.mjs'
import { median } from '../lib/report.mjs'

const bars = { time: { max: 2 }, gap: { max: 1 } }
/** The round trip at which the bars stand, in ms. */
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

const measure = async (call, server, roundTripMs, rounds) => {
  const taken = { frame: [], IndexedDB: [], memory: [] }
  for (let i = 0; i < rounds; i++) {
    taken.frame.push(await call('frame', server))
    for (const [name, durable] of stores) {
      const service = `${name}-${roundTripMs}-${i}`
      taken[name].push(await call('ours', { ...server, service, durable }))
    }
  }
  return taken
}

const rowsOf = (roundTripMs, bytes, taken) => [
  {
    label: `${roundTripMs} ms: one frame of ${Math.round(bytes / 1e6)} MB, parsed`,
    value: median(taken.frame),
    unit: 'ms',
  },
  ...stores.map(([name]) => ({
    label: `${roundTripMs} ms: tidings, ${name}`,
    value: median(taken[name]),
    unit: 'ms',
    ratio: median(taken[name].map((value, i) => value / taken.frame[i])),
    ...(roundTripMs === judged && { bar: bars.time }),
  })),
]

/** The page on a quarter of a processor. */
const gaps = async (call, page, server, rounds) => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  const taken = { idle: [], IndexedDB: [], memory: [] }
  for (let i = 0; i < rounds; i++) {
    taken.idle.push(await call('idleGap', 2_000))
    for (const [name, durable] of stores)
      taken[name].push(await call('gap', { ...server, service: `${name}-gap-${i}`, durable }))
  }
  await devtools.detach()
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
    const everything = async (call, page, server) => {
      const results = []
      // Warm: what is compared is not which one the compiler saw first.
      await measure(call, server, 'warm', 1)
      for (const roundTripMs of [0, judged, 150])
        await farFrom(server, roundTripMs, async (far) => {
          results.push(...rowsOf(roundTripMs, server.bytes, await measure(call, far, roundTripMs, rounds)))
          if (roundTripMs === judged) results.push(...(await gaps(call, page, far, rounds)))
        })
      return results
    }
    return inChromium(
      'bench/pages/catch-up.mjs',
      (call, { page, origin }) =>
        withChatServer(count, origin, (server) => everything(call, page, { ...server, count })),
      { flags: ['--js-flags=--expose-gc'] },
    )
  },
}
