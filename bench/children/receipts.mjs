// node receipts.mjs CONTENDER FRAMES: takes frames of 1,000 readers in a room of 10,000 messages and prints {figure}, µs a frame.
import { loadSource } from '../lib/apart.mjs'
import { median } from '../lib/report.mjs'

const [contender, frameCount] = [process.argv[2], Number(process.argv[3])]
const parts = await loadSource('bench/children/receipts-parts.ts')
const MESSAGES = 10_000
const READERS = 1_000
const ROWS = 50

const cursor = (seq) => `c${seq}`

/** A client that holds the whole room, live. */
const openRoom = async () => {
  const timeline = parts.createTimeline()
  const clock = timeline.clock()
  const server = parts.createPuppetServer(clock)
  const client = parts.createClientOn(
    {
      clock,
      random: parts.createSeededRandom(1),
      storage: parts.createMemoryDisk({ clock }).storage(),
      connect: server.connect,
      lifecycle: parts.createPuppetLifecycle(),
      locks: parts.createMemoryLocks().context(),
    },
    { url: 'memory://server', user: 'alice', token: () => 'token' },
  )
  const room = client.room('general')
  let arrived = 0
  // Who wants every message gets every message: no gap is left.
  room.arrivals(() => arrived++)
  room.timeline.subscribe(() => {})
  client.connect()
  await timeline.settle()
  server.welcome({ user: 'alice' })
  await timeline.settle()
  const head = { seq: MESSAGES, cursor: cursor(MESSAGES), head: MESSAGES, first: 1, mark: 0, unread: 1_000 }
  server.send({ type: 'subscribed', room: 'general', ...head })
  await timeline.settle()
  const entry = (seq) => ({
    ...{
      seq,
      messageId: `m${seq}`,
      id: `o${seq}`,
      from: seq % 2 ? 'alice' : 'bob',
      kind: 'create',
      version: 1,
    },
    stamp: parts.formatStamp(timeline.now(), seq, 'bench-node-'),
    ts: timeline.now(),
    body: seq,
  })
  for (let from = 0; from < MESSAGES; from += 500) {
    const { id } = server.received.findLast(({ type }) => type === 'sync_request') ?? {}
    const upTo = from + 500
    const messages = Array.from({ length: 500 }, (_, i) => entry(from + i + 1))
    const page = {
      messages,
      prev: from > 0 ? cursor(from) : null,
      cursor: cursor(upTo),
      seq: upTo,
      head: MESSAGES,
    }
    server.send({ type: 'sync_response', id, room: 'general', hasMore: upTo < MESSAGES, ...page })
    await timeline.settle()
  }
  if (arrived !== MESSAGES) throw new Error(`${arrived} of ${MESSAGES} messages arrived`)
  return room
}

/** Everybody reads on, each somewhere else near the end. */
const frames = Array.from({ length: frameCount }, (_, round) => ({
  type: 'read_receipt',
  room: 'general',
  readers: Array.from({ length: READERS }, (_, i) => ({
    readBy: `reader ${i}`,
    upTo: Math.floor(((round + 1) * (MESSAGES - 100)) / frameCount) + (i % 100),
    readAt: 1_767_603_600_000 + round,
  })),
}))

const contenders = {
  // The limit: who keeps marks at all writes each of them down.
  async map() {
    const marks = new Map()
    return (frame) => {
      for (const reader of frame.readers) marks.set(reader.readBy, reader)
    }
  },
  async ours() {
    return takeIn(await openRoom())
  },
  // A list of rows on the screen that show their readers, and a header that shows how many there are.
  async watched() {
    const room = await openRoom()
    const receipts = parts.receipts(room)
    const loaded = room.timeline.get().items.filter(({ type }) => type === 'message')
    // Spread out, so that each frame passes some of them.
    const rows = loaded.filter((_, i) => i % Math.floor(loaded.length / ROWS) === 0)
    let told = 0
    for (const { key } of rows) {
      const readBy = receipts.readBy(key)
      readBy.subscribe(() => {
        told += readBy.get().length
      })
    }
    receipts.state.subscribe(() => {
      told += receipts.state.get().readers.length
    })
    return takeIn(room, () => told)
  },
}

/** What the client does with the frame once it is decoded: tells its own parts, then the room. */
function takeIn(room, told = () => 1) {
  const { client, followed } = parts.stageOf(room)
  const receipts = parts.receipts(room)
  return {
    take(frame) {
      client.frames.emit('read_receipt', frame)
      followed.receipts(frame)
    },
    check() {
      const { readers } = receipts.state.get()
      if (readers.length !== READERS || told() === 0) throw new Error(`${readers.length} readers are known`)
    },
  }
}

const made = await contenders[contender]()
const take = made.take ?? made
const times = []
for (const frame of frames) {
  const began = performance.now()
  take(frame)
  // Those who watch are told at the end of the tick.
  for (let turn = 0; turn < 3; turn++) await null
  times.push((performance.now() - began) * 1_000)
}
made.check?.()
// The first half warms: the question is what a running application pays.
console.log(JSON.stringify({ figure: median(times.slice(times.length / 2)) }))
