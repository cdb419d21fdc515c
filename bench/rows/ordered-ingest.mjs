import { inTurns } from '../lib/apart.mjs'

const count = 100_000
const bars = {
  late: { min: 0.8 },
  lateWithReads: { min: 0.6 },
  naive: { min: 1_000 },
  bytes: { max: 1 },
}

/** Messages into an ordered list, each once, against appending, a Set of ids and one sort at the end. */
export const row = {
  name: 'ordered-ingest',
  about:
    '100,000 messages into order, 5 % late, 2 % repeated, against append + Set + one final sort; processor time',
  bars,
  async run({ quick }) {
    const rounds = quick ? 1 : 3
    const naiveMs = quick ? 2_000 : 10_000
    const late = await inTurns(
      'ordered-ingest',
      [
        ['limit', 'limit', 'late', count],
        ['ours', 'ours', 'late', count],
        ['reads', 'ours+reads', 'late', count],
      ],
      rounds,
    )
    const others = await inTurns(
      'ordered-ingest',
      ['order', 'random', 'reverse'].flatMap((pattern) => [
        [`limit ${pattern}`, 'limit', pattern, count],
        [`ours ${pattern}`, 'ours', pattern, count],
      ]),
      rounds,
    )
    const once = await inTurns('ordered-ingest', [['naive', 'naive', 'late', count, naiveMs]], 1)
    const memory = await inTurns('ordered-ingest', [['bytes', 'ours+memory', 'late', count]], 3)
    const unit = 'messages/s'
    const against = (label, value, limit, bar) => ({
      label,
      value,
      unit,
      ratio: value / limit,
      ...(bar && { bar }),
    })
    return [
      { label: 'limit: append + Set + one final sort', value: late.limit, unit },
      against('tidings', late.ours, late.limit, bars.late),
      against('tidings, the newest 50 read after each', late.reads, late.limit, bars.lateWithReads),
      against('tidings, arriving in order', others['ours order'], others['limit order']),
      against('tidings, arriving in no order', others['ours random'], others['limit random']),
      against('tidings, arriving backwards', others['ours reverse'], others['limit reverse']),
      { label: `naive: sort and filter on every arrival, for ${naiveMs / 1000} s`, value: once.naive, unit },
      against('tidings, against the naive buffer', late.ours, once.naive, bars.naive),
      {
        label: 'memory beyond the messages, against 12 bytes',
        value: memory.bytes,
        unit: 'bytes each',
        ratio: memory.bytes / 12,
        bar: bars.bytes,
      },
    ]
  },
}
