// node ordered-ingest.mjs CONTENDER PATTERN FILE PASSES [MOST_MS]: takes the messages of a file in as they arrive and prints {figure}:
// messages a second of processor time, or bytes each with `+memory`. Who is not through after MOST_MS is measured up to there.
import { readFileSync } from 'node:fs'
import { loadSource } from '../lib/apart.mjs'
import { arrivals, messagesText } from '../lib/arrivals.mjs'
import { importPeer } from '../lib/peers.mjs'

const [contender, pattern, file, passes, mostMs = Number.POSITIVE_INFINITY] = process.argv.slice(2)
const { compareText, createOrderedList, formatStamp } = await loadSource(
  'bench/children/ordered-ingest-parts.ts',
)

const BTree = contender === 'btree' ? (await importPeer('sorted-btree')).default.default : undefined

const byPlace = (a, b) =>
  a.stamp < b.stamp
    ? -1
    : a.stamp > b.stamp
      ? 1
      : a.messageId < b.messageId
        ? -1
        : a.messageId > b.messageId
          ? 1
          : 0

const contenders = {
  ours: () => {
    const list = createOrderedList(
      (message) => message.stamp,
      (message) => message.messageId,
    )
    return { add: list.add, newest: () => list.last(50), all: () => list.slice(0) }
  },
  // The limit: what must be done at least to end with a list in order and each message once. Nothing can be read on the way.
  limit: () => {
    const ids = new Set()
    const list = []
    return {
      add(message) {
        if (ids.has(message.messageId)) return
        ids.add(message.messageId)
        list.push(message)
      },
      newest: () => [],
      all: () => list.sort(byPlace),
    }
  },
  // What most write who think about it: the place is looked for from the end and then by halves, and what stands behind it moves on.
  binary: () => {
    const ids = new Set()
    const list = []
    return {
      add(message) {
        if (ids.has(message.messageId)) return
        ids.add(message.messageId)
        if (list.length === 0 || byPlace(list[list.length - 1], message) < 0) {
          list.push(message)
          return
        }
        let low = 0
        let high = list.length
        while (low < high) {
          const middle = (low + high) >> 1
          if (byPlace(list[middle], message) < 0) low = middle + 1
          else high = middle
        }
        list.splice(low, 0, message)
      },
      newest: () => list.slice(-50),
      all: () => list,
    }
  },
  btree: () => {
    const ids = new Set()
    const tree = new BTree(undefined, compareText)
    return {
      add(message) {
        if (ids.has(message.messageId)) return
        ids.add(message.messageId)
        tree.set(message.stamp, message)
      },
      newest: () => [],
      all: () => tree.valuesArray(),
    }
  },
  // A buffer that sorts all it holds and looks for each id from the start on every arrival, as the simplest code does.
  naive: () => {
    let held = []
    return {
      add(message) {
        held.push(message)
        held.sort(byPlace)
        held = held.filter((one, i) => held.findIndex(({ messageId }) => messageId === one.messageId) === i)
      },
      newest: () => held.slice(-50),
      all: () => held,
    }
  },
}

const reads = contender.endsWith('+reads')
const create = contenders[contender.replace('+reads', '').replace('+memory', '')]

/** How often the time is looked at: seldom enough to cost nothing, often enough for those who take milliseconds a message. */
const LOOK_EVERY = 16

/** Takes all of them in, the final list included. Processor time: what others do on the machine does not count. */
const measure = (items, forMs = Number.POSITIVE_INFINITY) => {
  const list = create()
  let seen = 0
  let taken = 0
  const began = performance.now()
  const busy = process.cpuUsage()
  for (const message of items) {
    list.add(message)
    taken++
    if (reads) seen += list.newest().length
    if (taken % LOOK_EVERY === 0 && performance.now() - began > forMs) break
  }
  const all = list.all()
  const { user, system } = process.cpuUsage(busy)
  return { all, seen, taken, seconds: (user + system) / 1e6 }
}

const check = (all, size) => {
  if (all.length !== size) throw new Error(`${contender} ends with ${all.length} of ${size} messages`)
  for (let i = 1; i < all.length; i++)
    if (byPlace(all[i - 1], all[i]) >= 0) throw new Error(`${contender} is out of order at ${i}`)
}

// As they come off the wire: nothing about them was computed before.
const fresh = (text = readFileSync(file, 'utf8')) => arrivals(JSON.parse(text), pattern)
const different = (items) => new Set(items.map(({ messageId }) => messageId)).size

/** The question is what a running application pays. */
const warm = () => {
  const few = messagesText(5_000, formatStamp)
  if (contender !== 'naive') for (let i = 0; i < 10; i++) measure(fresh(few))
}

/** What the list holds beyond the messages; what the compiler made of it is there before. */
const bytesEach = () => {
  warm()
  const items = fresh()
  globalThis.gc()
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const list = create()
  for (const item of items) list.add(item)
  globalThis.gc()
  globalThis.gc()
  const bytes = process.memoryUsage().heapUsed - before
  const count = different(items)
  check(list.all(), count)
  return bytes / count
}

const perSecond = () => {
  warm()
  let taken = 0
  let seconds = 0
  for (let i = 0; i < Number(passes); i++) {
    const items = fresh()
    globalThis.gc()
    const result = measure(items, Number(mostMs))
    check(result.all, different(items.slice(0, result.taken)))
    taken += result.taken
    seconds += result.seconds
  }
  return taken / seconds
}

console.log(JSON.stringify({ figure: contender.endsWith('+memory') ? bytesEach() : perSecond() }))
