import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inTurns, loadSource } from '../lib/apart.mjs'
import { messagesText } from '../lib/arrivals.mjs'
import { missingPeers } from '../lib/peers.mjs'

const bars = {
  late: { min: 0.8 },
  lateWithReads: { min: 0.6 },
  naive: { min: 1_000 },
  bytes: { max: 1 },
}
const unit = 'messages/s'
const note =
  'sorted-btree: keyed by stamp, a custom comparator "for maximum performance"; beside a Set of ids'
const PATTERNS = { order: 'in order', late: '5 % late', random: 'in no order', reverse: 'backwards' }
/** What takes longer than this is measured up to there; only insertion into the middle of a long array does. */
const MOST_MS = 3_000
/** Processor time is counted in steps of some milliseconds: the fewer the messages, the more passes. */
const sizes = [
  { count: 10_000, text: '10,000', passes: 10, rounds: 3 },
  { count: 100_000, text: '100,000', passes: 5, rounds: 3 },
  { count: 1_000_000, text: '1,000,000', passes: 1, rounds: 1 },
]
const against = (label, value, limit, bar) => ({
  label,
  value,
  unit,
  ratio: value / limit,
  ...(bar && { bar }),
})

/** Every contender with every pattern: figures by pattern and contender. What has a bar is measured in several rounds. */
const ingest = async ({ count, passes, rounds }, file, contenders) => {
  const figures = {}
  for (const pattern of Object.keys(PATTERNS)) {
    const reads = count === 100_000 && pattern === 'late' ? ['ours+reads'] : []
    const args = [...contenders, ...reads].map((name) => [name, name, pattern, file, passes, MOST_MS])
    figures[pattern] = await inTurns('ordered-ingest', args, pattern === 'late' ? rounds : 1)
  }
  return figures
}

const barred = async ({ late, order, random, reverse }, file, quick) => {
  const naiveMs = quick ? 2_000 : 10_000
  const { naive } = await inTurns('ordered-ingest', [['naive', 'naive', 'late', file, 1, naiveMs]], 1)
  const memory = await inTurns('ordered-ingest', [['bytes', 'ours+memory', 'late', file, 1]], quick ? 1 : 3)
  return [
    { label: 'limit: append + Set + one final sort', value: late.limit, unit },
    against('tidings', late.ours, late.limit, bars.late),
    against('tidings, the newest 50 read after each', late['ours+reads'], late.limit, bars.lateWithReads),
    against('tidings, arriving in order', order.ours, order.limit),
    against('tidings, arriving in no order', random.ours, random.limit),
    against('tidings, arriving backwards', reverse.ours, reverse.limit),
    { label: `naive: sort and filter on every arrival, for ${naiveMs / 1000} s`, value: naive, unit },
    against('tidings, against the naive buffer', late.ours, naive, bars.naive),
    {
      label: 'memory beyond the messages, against 12 bytes',
      value: memory.bytes,
      unit: 'bytes each',
      ratio: memory.bytes / 12,
      bar: bars.bytes,
    },
  ]
}

/** Each against the limit of its size and pattern. */
const grid = (text, figures) =>
  Object.entries(figures).flatMap(([pattern, { limit, ours, binary, btree }]) => [
    against(`${text} ${PATTERNS[pattern]}: tidings`, ours, limit),
    ...(binary === undefined ? [] : [against('  binary insertion + Set', binary, limit)]),
    ...(btree === undefined ? [] : [{ ...against('  sorted-btree + Set', btree, limit), note }]),
  ])

/** Messages into an ordered list, each once, against appending, a Set of ids and one sort at the end. */
export const row = {
  name: 'ordered-ingest',
  about:
    '100,000 messages into order, 5 % late, 2 % repeated, against append + Set + one final sort; processor time',
  bars,
  async run({ quick }) {
    const { formatStamp } = await loadSource('src/protocol/stamp.ts')
    const missing = quick ? 'quick run' : await missingPeers('sorted-btree')
    const others = quick ? [] : ['binary', ...(missing === undefined ? ['btree'] : [])]
    const folder = mkdtempSync(join(tmpdir(), 'tidings-bench-'))
    const file = join(folder, 'messages.json')
    const first = []
    const results = []
    try {
      for (const size of quick ? sizes.slice(0, 1) : sizes) {
        writeFileSync(file, messagesText(size.count, formatStamp))
        const given = quick ? { ...size, rounds: 1 } : size
        const figures = await ingest(given, file, ['limit', 'ours', ...others])
        if (quick || size.count === 100_000) first.push(...(await barred(figures, file, quick)))
        results.push(...grid(size.text, figures))
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    if (missing !== undefined) results.push({ label: 'sorted-btree + Set', skipped: missing })
    return [...first, ...results]
  },
}
