import { inTurns } from '../lib/apart.mjs'

const bars = { long: { max: 1.5 } }

/** A step of a hundred messages through a long room, against the same step through a short one. */
export const row = {
  name: 'scroll',
  about: 'a step of 100 messages through a room of 100,000, against one of 3,000; processor time',
  bars,
  async run({ quick }) {
    const steps = quick ? 400 : 1_500
    const figures = await inTurns(
      'scroll',
      [
        ['short', 3_000, steps],
        ['long', 100_000, steps],
      ],
      quick ? 1 : 3,
    )
    const unit = 'µs a step'
    return [
      { label: 'a room of 3,000', value: figures.short, unit },
      {
        label: 'a room of 100,000',
        value: figures.long,
        unit,
        ratio: figures.long / figures.short,
        bar: bars.long,
      },
    ]
  },
}
