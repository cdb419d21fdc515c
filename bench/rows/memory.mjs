import { child } from '../lib/apart.mjs'

const kB = (bytes) => bytes / 1_000
const counts = {
  full: { plain: 20_000, shown: 20, pending: 10, rooms: 100, long: 100_000 },
  quick: { plain: 20_000, shown: 5, pending: 3, rooms: 20, long: 10_000 },
}

/** What a client holds in its heap. Server and disk are made so that they hold nothing there. */
export const row = {
  name: 'memory',
  about:
    'what a client holds in its heap after a collection: messages of about 100 characters, disk and server elsewhere',
  bars: {},
  async run({ quick }) {
    const count = quick ? counts.quick : counts.full
    const measure = (name) => child('memory', [name, count[name]])
    const plain = await measure('plain')
    const shown = await measure('shown')
    const pending = await measure('pending')
    const rooms = await measure('rooms')
    const long = await measure('long')
    const each = 'bytes each'
    return [
      { label: 'limit: a message as JSON.parse makes it', value: plain.bytes, unit: each },
      {
        label: 'a message in a list that is shown',
        value: shown.bytes,
        unit: each,
        ratio: shown.bytes / plain.bytes,
      },
      { label: 'a pending operation, its room shown', value: pending.shown, unit: each },
      { label: 'a pending operation, its room not shown', value: pending.hidden, unit: each },
      { label: `${count.rooms} rooms of 1,000 messages, open`, value: kB(rooms.open), unit: 'kB' },
      { label: `${count.rooms} rooms of 1,000 messages, closed`, value: kB(rooms.closed), unit: 'kB' },
      { label: `each of 4 rooms of ${count.long}, opened`, value: kB(long.first), unit: 'kB' },
      {
        label: `  walked to its start, ${long.list} in its list`,
        value: kB(long.walked),
        unit: 'kB',
      },
    ]
  },
}
