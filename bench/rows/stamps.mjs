import { inTurns } from '../lib/apart.mjs'
import { missingPeers } from '../lib/peers.mjs'

const peer = '@actual-app/crdt'
const note = `${peer}: Timestamp.send, recv and parse, maxDrift as it comes; its texts are compared as texts`
const cases = [
  'generate',
  'generate and serialise',
  'receive, each the latest',
  'receive, history',
  'compare',
]
const unit = 'a second'

const resultsOf = (name, figures, missing) => {
  const { ours, actual, objects } = figures
  const label = `${peer}: ${name}`
  return [
    actual === undefined ? { label, skipped: missing } : { label, value: actual, unit, note },
    { label: `plain objects: ${name}`, value: objects, unit },
    { label: `tidings: ${name}`, value: ours, unit, ...(actual && { ratio: ours / actual }) },
    { label: '  against plain objects', value: ours, unit, ratio: ours / objects },
  ]
}

/** What a stamp costs from its clock to a place in order, all of it on the wire as JSON. */
export const row = {
  name: 'stamps',
  about: `stamps of a hybrid logical clock, against ${peer} and a clock of plain objects; processor time`,
  bars: {},
  async run({ quick }) {
    const missing = quick ? 'quick run' : await missingPeers(peer)
    const clocks = missing === undefined ? ['actual', 'objects', 'ours'] : ['objects', 'ours']
    const results = []
    for (const name of cases) {
      const contenders = clocks.map((clock) => [clock, clock, name, quick ? 50_000 : 100_000])
      results.push(...resultsOf(name, await inTurns('stamps', contenders, quick ? 1 : 3), missing))
    }
    return results
  },
}
