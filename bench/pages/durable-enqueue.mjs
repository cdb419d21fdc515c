// Runs in the page: how long a message takes until the disk has it, ours and by IndexedDB alone. Times in ms.
import { createClient } from 'tidings'

/** About 300 bytes of JSON as it is stored, as a message of ours is. */
const bodyOf = (i) => ({ text: `message ${i} ${'lorem ipsum dolor sit amet '.repeat(4)}`, lang: 'en' })

let clients = 0
let held

/** A client that never hears a server: everything it sends stays in its outbox. */
const openClient = async () => {
  await held?.destroy()
  const silent = (_url, events) => ({
    kind: 'silent',
    bufferedAmount: 0,
    send() {},
    close: () => queueMicrotask(() => events.onClose({ code: 1000, reason: '' })),
  })
  const client = createClient({
    url: `wss://bench.invalid/${clients++}`,
    user: 'bench',
    token: () => 'token',
    connect: silent,
  })
  client.connect()
  // The database is open then, and the code was run once. Taken back: an outbox is full at 1,000.
  const first = client.room('general').send(bodyOf(-1))
  await first.queued()
  client.room('general').discard(first.key)
  if (client.storage.get().kind !== 'indexed-db') throw new Error('this page has no IndexedDB')
  held = client
  return client.room('general')
}

const openRaw = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(`raw-${crypto.randomUUID()}`, 1)
    request.onupgradeneeded = () => request.result.createObjectStore('messages', { keyPath: 'id' })
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** The least that storing a message can be: one strict transaction with one put, awaited until it is complete. */
const putRaw = (database, i) =>
  new Promise((resolve, reject) => {
    const transaction = database.transaction('messages', 'readwrite', { durability: 'strict' })
    transaction.oncomplete = resolve
    transaction.onabort = () => reject(transaction.error)
    transaction.objectStore('messages').put({
      id: crypto.randomUUID(),
      room: 'general',
      kind: 'create',
      stamp: `${Date.now()}-${i}-node`,
      createdAt: Date.now(),
      state: 'queued',
      bytes: 128,
      body: bodyOf(i),
    })
    transaction.commit()
  })

const timed = async (work) => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

window.bench = {
  /** One after the other, in turns: {ours: [ms], raw: [ms]}. */
  async oneByOne(count) {
    const room = await openClient()
    const database = await openRaw()
    await putRaw(database, -1)
    const ours = []
    const raw = []
    for (let i = 0; i < count; i++) {
      ours.push(await timed(() => room.send(bodyOf(i)).queued()))
      raw.push(await timed(() => putRaw(database, i)))
    }
    database.close()
    return { ours, raw }
  },
  /** All at once: {ours, raw} in ms for all of them. `ours` waits for every single promise. */
  async atOnce(count) {
    const numbers = Array.from({ length: count }, (_, i) => i)
    const room = await openClient()
    const ours = await timed(() => Promise.all(numbers.map((i) => room.send(bodyOf(i)).queued())))
    const database = await openRaw()
    await putRaw(database, -1)
    const raw = await timed(() => Promise.all(numbers.map((i) => putRaw(database, i))))
    database.close()
    return { ours, raw }
  },
}
