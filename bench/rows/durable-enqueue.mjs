import { inChromium, missingChromium } from '../lib/browser.mjs'
import { missingPeers } from '../lib/peers.mjs'
import { median } from '../lib/report.mjs'

const bars = { one: { max: 1.3 }, many: { min: 5 } }
const burst = 1_000

const others = [
  { name: 'relaxed', label: 'relaxed put' },
  {
    name: 'idb',
    label: 'idb, strict',
    note: "transaction('messages', 'readwrite', { durability: 'strict' }), store.put, commit, done",
  },
  {
    name: 'dexie',
    label: 'Dexie, strict',
    note: "Table.put; chromeTransactionDurability: 'strict'; cache: 'disabled'",
  },
]
const isPeer = ({ note }) => note !== undefined

/** A row for each of the others, with how much it is of the strict put's in the same turns, or why it was not measured. */
const otherRows = (what, figures, unit, missing) =>
  others.map((other) => {
    const { name, label, note } = other
    if (isPeer(other) && missing !== undefined) return { label: `${label}: ${what}`, skipped: missing }
    return {
      label: `${label}: ${what}`,
      value: figures[name],
      unit,
      ratio: figures[name] / figures.strict,
      ...(note !== undefined && { note }),
    }
  })

/** Ours in turns with the limit alone, so that nobody else's afterthoughts stand between them; then the others with the limit. */
const oneByOne = async (call, names, count) => {
  const pair = await call('oneByOne', ['ours', 'strict'], count)
  return { pair, rest: await call('oneByOne', names, count) }
}

const measure = async (call, names, quick) => {
  // The first of each only warm: the question is what a running application pays.
  await oneByOne(call, names, quick ? 60 : 200)
  const { pair, rest } = await oneByOne(call, names, quick ? 60 : 300)
  const bursts = []
  for (let i = 0; i < (quick ? 2 : 4); i++) bursts.push(await call('atOnce', ['ours', ...names], burst))
  bursts.shift()
  const rate = (name) => median(bursts.map((ms) => (burst / ms[name]) * 1_000))
  const each = (figure, of) => Object.fromEntries(of.map((name) => [name, figure(name)]))
  return {
    one: each((name) => median(rest[name]), names),
    pair: each((name) => median(pair[name]), ['ours', 'strict']),
    many: each(rate, ['ours', ...names]),
  }
}

/** A message until the disk has it, as `queued()` tells, against IndexedDB alone. */
export const row = {
  name: 'durable-enqueue',
  about:
    'messages until the disk has them, in Chromium, against strict puts into IndexedDB, one a transaction',
  bars,
  async run({ quick }) {
    const missing = missingChromium()
    if (missing !== undefined) return [{ label: 'every case', skipped: missing }]
    const peersMissing = quick ? 'quick run' : await missingPeers('dexie', 'idb')
    const there = others.filter((other) => !isPeer(other) || peersMissing === undefined)
    const names = ['strict', ...there.map(({ name }) => name)]
    const pages = ['bench/pages/durable-enqueue.mjs']
    if (peersMissing === undefined) pages.push('bench/pages/enqueue-peers.mjs')
    const { pair, one, many } = await inChromium(pages, (call) => measure(call, names, quick))
    const [awaited, rate] = ['ms, p50', 'messages/s']
    return [
      { label: 'limit: one strict put, awaited', value: pair.strict, unit: awaited },
      {
        label: 'tidings: one send, awaited',
        value: pair.ours,
        unit: awaited,
        ratio: pair.ours / pair.strict,
        bar: bars.one,
      },
      ...otherRows('one, awaited', one, awaited, peersMissing),
      { label: `${burst} strict puts at once`, value: many.strict, unit: rate },
      {
        label: `tidings: ${burst} sends at once`,
        value: many.ours,
        unit: rate,
        ratio: many.ours / many.strict,
        bar: bars.many,
      },
      ...otherRows(`${burst} at once`, many, rate, peersMissing),
    ]
  },
}
