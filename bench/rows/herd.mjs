import { child } from '../lib/apart.mjs'
import { DOCUMENTED } from '../lib/reconnecting.mjs'

const bars = { back: { max: 1.2 }, peak: { max: 3 } }
const SEED = 7
/** A server that is away for this long cannot tell anybody to come later. */
const AWAY_MS = 10_000

const ours = [
  { name: 'plain', label: 'tidings, told nothing', bars: { back: bars.back } },
  { name: 'window', label: 'tidings with reconnectWindow', bars: { peak: bars.peak } },
  { name: 'drain', label: 'tidings, a slot each before the server goes' },
  { name: 'plain', label: 'tidings, told nothing, 10 s away', downMs: AWAY_MS },
  { name: 'window', label: 'tidings with reconnectWindow, 10 s away', downMs: AWAY_MS },
]
const others = Object.entries(DOCUMENTED).map(([name, { note }]) => ({ name, label: name, note }))

const resultsOf = ({ label, note, bars: held = {} }, played, { count, rate, boundMs }) => {
  const { backMs, peak, attempts, lost } = played
  const told = note === undefined ? {} : { note }
  const back =
    backMs === undefined
      ? { label: `${label}: never came back`, value: lost, unit: `of ${count}` }
      : { label: `${label}: 99 % back`, value: backMs / 1_000, unit: 's', ratio: backMs / boundMs }
  return [
    { ...back, ...(held.back && { bar: held.back }), ...told },
    {
      label: '  most attempts in a second, against capacity',
      value: peak,
      unit: 'attempts',
      ratio: peak / rate,
      ...(held.peak && { bar: held.peak }),
    },
    { label: '  attempts each', value: attempts, unit: 'attempts' },
  ]
}

/** Everybody is dropped in one instant, as when a server ends, and comes back to one that takes so many a second and refuses the others. */
export const row = {
  name: 'herd',
  about:
    '100,000 clients (quick: 5,000) come back to a server that takes a fiftieth a second, on virtual time, against the bound',
  bars,
  async run({ quick }) {
    const [count, rate] = quick ? [5_000, 100] : [100_000, 2_000]
    const results = []
    for (const contender of [...ours, ...others]) {
      const { name, downMs = 0 } = contender
      const boundMs = downMs + ((count * 0.99) / rate) * 1_000
      if (results.length === 0)
        results.push({ label: 'bound: as many as it takes, at once', value: boundMs / 1_000, unit: 's' })
      const played = await child('herd', [name, count, rate, downMs, SEED])
      results.push(...resultsOf(contender, played, { count, rate, boundMs }))
    }
    return results
  },
}
