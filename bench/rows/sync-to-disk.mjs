import { setTimeout as sleep } from 'node:timers/promises'
import { inChromium, missingChromium } from '../lib/browser.mjs'
import { withChatServer } from '../lib/chat-server.mjs'
import { missingPeers } from '../lib/peers.mjs'
import { median } from '../lib/report.mjs'

const bars = { stored: { min: 8 }, opened: { max: 2 } }
/** Ways to keep a room in Dexie: as fast as it goes, and as a list in stamp order and changes by id need it. */
const schemas = [
  ['Dexie, bulkPut, no index', 'seq'],
  ['Dexie, bulkPut, by id and stamp', 'messageId,stamp'],
]
const noteOf = (schema) =>
  `Table.bulkPut, 10,000 a call; chromeTransactionDurability: 'relaxed'; cache: 'disabled'; stores '${schema}'`

/** How long a browser needs at most to put in order what was written, and to clear away what was deleted, ms. */
const CLEARED_MS = 2_000

/** Every contender stores all of it once a round, in turns. */
const store = async (call, server, rounds, dexieMissing) => {
  const taken = { ours: [], pages: [], dexie: schemas.map(() => []) }
  const inTurn = async (name, given) => {
    await sleep(CLEARED_MS)
    return call(name, given)
  }
  for (let i = 0; i < rounds; i++) {
    // Ours brings its messages itself: the page holds no others meanwhile.
    await call('letGo')
    taken.ours.push(await inTurn('ours', { ...server, service: `round-${i}` }))
    await call('receive', server.frameUrl)
    taken.pages.push(await inTurn('pages'))
    if (dexieMissing !== undefined) continue
    for (const [which, [, schema]] of schemas.entries())
      taken.dexie[which].push(await inTurn('dexie', schema))
  }
  return taken
}

const byRound = (a, b) => median(a.map((value, i) => value / b[i]))

const storedRows = (count, { ours, pages, dexie }, dexieMissing) => {
  const what = `tidings: ${count.toLocaleString('en')} messages, from connect to disk`
  const unit = 'ms'
  const peers = schemas.map(([label, schema], i) =>
    dexieMissing === undefined
      ? { label, value: median(dexie[i]), unit, note: noteOf(schema) }
      : { label, skipped: dexieMissing },
  )
  const rates = schemas.map(([label], i) => ({
    label: `  times as fast as ${label}`,
    ...(dexieMissing === undefined
      ? { value: median(ours), unit, ratio: byRound(dexie[i], ours), ...(i === 0 && { bar: bars.stored }) }
      : { skipped: dexieMissing }),
  }))
  return [
    ...peers,
    { label: 'raw records of 100 messages', value: median(pages), unit },
    { label: what, value: median(ours), unit, ratio: byRound(ours, pages) },
    ...rates,
  ]
}

const openedRows = (taken) =>
  [
    ['start', 'open the database, getAll of 50', 'client made until the newest are shown'],
    ['room', 'getAll of 50 in an open database', 'room opened in a running client'],
  ].flatMap(([which, raw, ours]) => {
    // The first of each only warms.
    const values = {
      ours: median(taken[which].ours.slice(1)),
      raw: median(taken[which].raw.slice(1)),
    }
    return [
      { label: `raw: ${raw}`, value: values.raw, unit: 'ms, p50' },
      {
        label: `tidings: ${ours}`,
        value: values.ours,
        unit: 'ms, p50',
        ratio: values.ours / values.raw,
        bar: bars.opened,
      },
    ]
  })

/** A long room onto the disk, and its newest end from it. */
export const row = {
  name: 'sync-to-disk',
  about:
    'a room of chat into IndexedDB in Chromium; ours with the WebSocket, decoding and checks, from a server on the other core, the others from memory',
  bars,
  async run({ quick }) {
    const missing = missingChromium()
    if (missing !== undefined) return [{ label: 'every case', skipped: missing }]
    const dexieMissing = quick ? 'quick run' : await missingPeers('dexie')
    const count = quick ? 10_000 : 100_000
    const pages = ['bench/pages/sync-to-disk.mjs']
    if (dexieMissing === undefined) pages.push('bench/pages/dexie-sync.mjs')
    return inChromium(
      pages,
      (call, { origin }) =>
        withChatServer(count, origin, async (server) => {
          const received = await call('receive', server.frameUrl)
          if (received !== count) throw new Error(`${received} of ${count} messages came`)
          await call('ours', { ...server, service: 'first' })
          await call('fillRows')
          await sleep(CLEARED_MS)
          // Before the others: what they delete is cleared away in the background.
          const opened = await call('open', { ...server, service: 'first' }, quick ? 6 : 21)
          const stored = await store(call, server, quick ? 2 : 3, dexieMissing)
          return [...storedRows(count, stored, dexieMissing), ...openedRows(opened)]
        }),
      { flags: ['--js-flags=--expose-gc'] },
    )
  },
}
