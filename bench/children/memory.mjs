// node memory.mjs CASE COUNT: plays a client whose server and disk are not in its heap, and prints what it holds there, in bytes.
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { createAnswering } from '../lib/answering.mjs'
import { loadSource } from '../lib/apart.mjs'
import { createOutsideStorage } from '../lib/outside.mjs'

// Code that comes and goes is nobody's data.
setFlagsFromString('--no-flush-bytecode')
const [name, given] = process.argv.slice(2)
const parts = await loadSource('bench/children/memory-parts.ts')
const USER = 'alice'
const LIST_MOST = 1_000
const OUTBOX_MOST = 1_000
/** Several, because the heap breathes by some hundred kB. */
const LONG_ROOMS = 4
/** Longer than a subscription outlives its reader. */
const LINGER_MS = 3_000

/** Bytes in use after everything that can go has gone: until a collection brings nothing any more. */
const heapBytes = async () => {
  let before = Number.POSITIVE_INFINITY
  let now = getHeapStatistics().used_heap_size
  for (let turn = 0; turn < 20 && Math.abs(before - now) > 1_000; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    globalThis.gc()
    before = now
    now = getHeapStatistics().used_heap_size
  }
  return now
}

/** A connected client, on virtual time; `reach: false` leaves it offline. */
const openClient = async ({ messages, reach = true }) => {
  const timeline = parts.createTimeline({ turns: 1 })
  const offline = () => ({ kind: 'none', bufferedAmount: 0, send() {}, close() {} })
  const client = parts.createClientOn(
    {
      clock: timeline.clock(),
      random: parts.createSeededRandom(1),
      storage: createOutsideStorage(),
      connect: reach ? createAnswering({ user: USER, count: messages, parts }) : offline,
      lifecycle: parts.createPuppetLifecycle(),
      locks: parts.createMemoryLocks().context(),
    },
    { url: 'memory://server', user: USER },
  )
  client.connect()
  await timeline.advance(1_000)
  return { client, timeline }
}

/** Lets time pass until it is done. */
const until = async (timeline, promise) => {
  let isOver = false
  const over = () => {
    isOver = true
  }
  promise.then(over, over)
  while (!isOver) await timeline.advance(1)
  return promise
}

const sizeOf = (room) => room.timeline.get().items.filter(({ type }) => type === 'message').length

/** Shows a room, with so many messages in its list. */
const show = async ({ client, timeline }, id, wanted) => {
  const room = client.room(id)
  const stop = room.timeline.subscribe(() => room.timeline.get())
  await timeline.advance(1_000)
  while (sizeOf(room) < wanted && (await until(timeline, room.loadOlder()))) await timeline.advance(1)
  if (sizeOf(room) < wanted) throw new Error(`${sizeOf(room)} of ${wanted} messages are shown.`)
  return { room, stop }
}

const end = async ({ client, timeline }) => until(timeline, client.destroy())

const cases = {
  /** The limit: messages as they come off the wire, and nothing around them. */
  async plain(count) {
    const texts = []
    const take = { onOpen() {}, onClose() {}, onText: (text) => texts.push(text) }
    const transport = createAnswering({ user: USER, count, parts })('', take)
    for (let from = 0; from < count; from += 500) {
      const page = { cursor: `c${from}`, limit: 500 }
      transport.send(JSON.stringify({ type: 'sync_request', id: 'page', room: 'room-1', ...page }))
    }
    await new Promise((resolve) => setImmediate(resolve))
    const before = await heapBytes()
    const held = texts.flatMap((text) => JSON.parse(text).messages)
    const bytes = ((await heapBytes()) - before) / held.length
    if (held.length !== count) throw new Error(`${held.length} of ${count} messages came.`)
    return { bytes }
  },
  /** A message of a list: between short lists and full ones, in several rooms. */
  async shown(rooms) {
    const played = await openClient({ messages: 100_000 })
    const shown = []
    for (let i = 0; i < rooms; i++) shown.push((await show(played, `room-${i}`, 100)).room)
    const count = () => shown.reduce((sum, room) => sum + sizeOf(room), 0)
    const first = count()
    const before = await heapBytes()
    for (const { id } of shown) await show(played, id, LIST_MOST)
    const bytes = ((await heapBytes()) - before) / (count() - first)
    await end(played)
    return { bytes }
  },
  /** An operation that waits for a connection, in clients that all have as many as they keep. */
  async pending(clients) {
    const figures = {}
    for (const isShown of [false, true]) {
      const all = []
      for (let i = 0; i < clients; i++) all.push(await openClient({ messages: 0, reach: false }))
      const send = async (count) => {
        for (const { client, timeline } of all) {
          const room = client.room('general')
          for (let i = 0; i < count; i++) room.send({ text: `${i} ${'lorem ipsum '.repeat(8)}` })
          await timeline.advance(1_000)
        }
      }
      if (isShown) for (const { client } of all) client.room('general').timeline.subscribe(() => undefined)
      await send(100)
      const before = await heapBytes()
      await send(OUTBOX_MOST - 100)
      figures[isShown ? 'shown' : 'hidden'] = ((await heapBytes()) - before) / clients / (OUTBOX_MOST - 100)
      for (const played of all) {
        const { pending } = played.client.outbox.get()
        if (pending !== OUTBOX_MOST) throw new Error(`${pending} of ${OUTBOX_MOST} operations wait.`)
        await end(played)
      }
    }
    return figures
  },
  /** Many rooms with a full list each, and what is left of them when they are closed. */
  async rooms(count) {
    const played = await openClient({ messages: LIST_MOST })
    const before = await heapBytes()
    const stops = []
    for (let i = 0; i < count; i++) stops.push((await show(played, `room-${i}`, LIST_MOST)).stop)
    const open = (await heapBytes()) - before
    for (const stop of stops) stop()
    stops.length = 0
    await played.timeline.advance(LINGER_MS)
    const closed = (await heapBytes()) - before
    await end(played)
    return { open, closed }
  },
  /** Long rooms, opened, and walked through from their ends to their starts; their lists are bounded. */
  async long(messages) {
    const played = await openClient({ messages })
    const before = await heapBytes()
    const shown = []
    for (let i = 0; i < LONG_ROOMS; i++) shown.push((await show(played, `room-${i}`, 100)).room)
    const first = ((await heapBytes()) - before) / LONG_ROOMS
    for (const room of shown) {
      while (room.timeline.get().hasOlder) await until(played.timeline, room.loadOlder())
      const oldest = room.timeline.get().items.find(({ type }) => type === 'message')
      if (oldest?.seq !== 1) throw new Error(`The walk ended at ${oldest?.seq}.`)
    }
    const walked = ((await heapBytes()) - before) / LONG_ROOMS
    const list = sizeOf(shown[0])
    await end(played)
    return { first, walked, list }
  },
}

/** The same in small first: compiled code is no message's. */
const WARM = { plain: 1_000, shown: 3, pending: 1, rooms: 3, long: 5_000 }
await cases[name](WARM[name])
console.log(JSON.stringify(await cases[name](Number(given))))
