import { inChromium, missingChromium } from '../lib/browser.mjs'
import { median } from '../lib/report.mjs'

const bars = { one: { max: 1.3 }, many: { min: 5 } }
const burst = 1_000

/** A message until the disk has it, as `queued()` tells, against IndexedDB alone. */
export const row = {
  name: 'durable-enqueue',
  about:
    'messages until the disk has them, in Chromium, against strict puts into IndexedDB, one a transaction',
  bars,
  async run({ quick }) {
    const missing = missingChromium()
    if (missing !== undefined) return [{ label: 'every case', skipped: missing }]
    return inChromium('bench/pages/durable-enqueue.mjs', async (call) => {
      // The first of each only warm: the question is what a running application pays.
      await call('oneByOne', 200)
      const single = await call('oneByOne', quick ? 60 : 300)
      const bursts = []
      for (let i = 0; i < (quick ? 2 : 4); i++) bursts.push(await call('atOnce', burst))
      bursts.shift()
      const one = { ours: median(single.ours), raw: median(single.raw) }
      const rate = (which) => median(bursts.map((ms) => (burst / ms[which]) * 1_000))
      const many = { ours: rate('ours'), raw: rate('raw') }
      const unit = 'messages/s'
      return [
        { label: 'limit: one strict put, awaited', value: one.raw, unit: 'ms, p50' },
        {
          label: 'tidings: one send, awaited',
          value: one.ours,
          unit: 'ms, p50',
          ratio: one.ours / one.raw,
          bar: bars.one,
        },
        { label: `${burst} strict puts at once`, value: many.raw, unit },
        {
          label: `tidings: ${burst} sends at once`,
          value: many.ours,
          unit,
          ratio: many.ours / many.raw,
          bar: bars.many,
        },
      ]
    })
  },
}
