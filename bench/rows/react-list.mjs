import { inChromium, missingChromium } from '../lib/browser.mjs'
import { withChatServer } from '../lib/chat-server.mjs'
import { median } from '../lib/report.mjs'

const count = 10_000
const changes = [
  ['insert', 'one message written'],
  ['step', '100 older ones'],
  ['page', '500 older ones, in five steps'],
]

const rowsOf = (rounds) =>
  changes.flatMap(([name, what]) =>
    [
      ['committed', 'to the commit'],
      ['painted', 'to the paint'],
    ].flatMap(([when, until]) => {
      const of = (side) => median(rounds.flatMap((round) => round[side][name].map((one) => one[when])))
      const [ours, plain] = [of('ours'), of('plain')]
      return [
        { label: `plain state: ${what}, ${until}`, value: plain, unit: 'ms, p50' },
        { label: `tidings: ${what}, ${until}`, value: ours, unit: 'ms, p50', ratio: ours / plain },
      ]
    }),
  )

/** What hooks add to what React does anyway. */
export const row = {
  name: 'react-list',
  about: `a room of ${count.toLocaleString('en')} in a React list, older ones read from IndexedDB, against the same rows in a useState array; paints come 60 times a second`,
  bars: {},
  async run({ quick }) {
    const missing = missingChromium()
    if (missing !== undefined) return [{ label: 'every case', skipped: missing }]
    return inChromium('bench/pages/react-list.mjs', (call, { origin }) =>
      withChatServer(count, origin, async ({ url, token }) => {
        const rounds = []
        for (let i = 0; i < (quick ? 3 : 9); i++)
          rounds.push(await call('round', { url, token, service: `round-${i}` }, count))
        // The first only warms.
        return rowsOf(rounds.slice(1))
      }),
    )
  },
}
