// node ordered-ingest.mjs CONTENDER PATTERN COUNT: takes the messages in as they arrive and prints {figure}.
import { loadSource } from '../lib/apart.mjs'
import { arrivals, messagesText } from '../lib/arrivals.mjs'

const [contender, pattern, count] = process.argv.slice(2)
const { formatStamp } = await loadSource('src/protocol/stamp.ts')
const { createOrderedList } = await loadSource('src/core/messages/ordered-list.ts')

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

/** Messages a second of processor time, the final list included: what others do on the machine does not count. */
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
    if (forMs !== Number.POSITIVE_INFINITY && performance.now() - began > forMs) break
  }
  const all = list.all()
  const { user, system } = process.cpuUsage(busy)
  const ms = (user + system) / 1_000
  return { all, seen, perSecond: (taken / ms) * 1000 }
}

const check = (all, size) => {
  if (all.length !== size) throw new Error(`${contender} ends with ${all.length} of ${size} messages`)
  for (let i = 1; i < all.length; i++)
    if (byPlace(all[i - 1], all[i]) >= 0) throw new Error(`${contender} is out of order at ${i}`)
}

const text = messagesText(Number(count), formatStamp)
// As they come off the wire: nothing about them was computed before.
const fresh = (from = text) => arrivals(JSON.parse(from), pattern)

if (contender === 'naive') {
  console.log(JSON.stringify({ figure: measure(fresh(), Number(process.argv[5])).perSecond }))
} else if (contender === 'ours+memory') {
  // What the list holds beyond the messages.
  const items = fresh()
  globalThis.gc()
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const list = create()
  for (const item of items) list.add(item)
  globalThis.gc()
  globalThis.gc()
  const bytes = process.memoryUsage().heapUsed - before
  check(list.all(), Number(count))
  console.log(JSON.stringify({ figure: bytes / Number(count) }))
} else {
  // Warm: the question is what a running application pays.
  const few = messagesText(5_000, formatStamp)
  for (let i = 0; i < 10; i++) measure(fresh(few))
  let taken = 0
  let seconds = 0
  // Several, because processor time is counted in steps of some milliseconds.
  for (let i = 0; i < 5; i++) {
    const items = fresh()
    globalThis.gc()
    const result = measure(items)
    check(result.all, Number(count))
    taken += items.length
    seconds += items.length / result.perSecond
  }
  console.log(JSON.stringify({ figure: taken / seconds }))
}
