import { inTurns } from '../lib/apart.mjs'

const bars = { update: { max: 3 } }

/** A frame with the marks of 1,000 readers, against writing each of them into a Map. */
export const row = {
  name: 'receipts',
  about:
    '1,000 readers in one frame, in a room of 10,000 messages, against a plain Map update; from decoded to told',
  bars,
  async run({ quick }) {
    const frames = quick ? 200 : 600
    const figures = await inTurns(
      'receipts',
      [
        ['map', 'map', frames],
        ['ours', 'ours', frames],
        ['watched', 'watched', frames],
      ],
      quick ? 1 : 5,
    )
    const unit = 'µs a frame'
    return [
      { label: 'limit: 1,000 writes to a Map', value: figures.map, unit },
      {
        label: 'tidings',
        value: figures.ours,
        unit,
        ratio: figures.ours / figures.map,
        bar: bars.update,
      },
      {
        label: 'tidings, the readers and 50 rows on screen',
        value: figures.watched,
        unit,
        ratio: figures.watched / figures.map,
      },
    ]
  },
}
