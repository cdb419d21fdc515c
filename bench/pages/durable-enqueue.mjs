// Runs in the page: how long a message takes until the disk has it, ours and by IndexedDB alone. Times in ms.
import { createClient } from 'tidings'
import { bodyOf, contenders, recordOf } from './enqueued.mjs'
import { silent, timed } from './following.mjs'
import { openRaw, writeRaw } from './raw-disk.mjs'

let clients = 0
let held

/** A client that never hears a server: everything it sends stays in its outbox. */
contenders.ours = async () => {
  await held?.destroy()
  const client = createClient({
    url: `wss://bench.invalid/${clients++}`,
    user: 'bench',
    token: () => 'token',
    connect: silent,
  })
  client.connect()
  const room = client.room('general')
  // The database is open then, and the code was run once. Taken back: an outbox is full at 1,000.
  const first = room.send(bodyOf(-1))
  await first.queued()
  room.discard(first.key)
  if (client.storage.get().kind !== 'indexed-db') throw new Error('this page has no IndexedDB')
  held = client
  return { put: (i) => room.send(bodyOf(i)).queued(), close: () => undefined }
}

/** The least that storing a message can be: one transaction with one put, awaited until it is complete. */
const rawPuts = (durability) => async () => {
  const database = await openRaw(`raw-${crypto.randomUUID()}`, 'id')
  return {
    put: (i) => writeRaw(database, durability, (store) => store.put(recordOf(i))),
    close: () => database.close(),
  }
}
contenders.strict = rawPuts('strict')
contenders.relaxed = rawPuts('relaxed')

window.bench = {
  /** One after the other, in turns: [ms] by contender. */
  async oneByOne(names, count) {
    const open = []
    for (const name of names) open.push({ name, ...(await contenders[name]()), taken: [] })
    for (const { put } of open) await put(-1)
    for (let i = 0; i < count; i++) for (const { put, taken } of open) taken.push(await timed(() => put(i)))
    for (const { close } of open) close()
    return Object.fromEntries(open.map(({ name, taken }) => [name, taken]))
  },
  /** All at once: ms for all of them, by contender. Every single promise is waited for. */
  async atOnce(names, count) {
    const numbers = Array.from({ length: count }, (_, i) => i)
    const taken = {}
    for (const name of names) {
      const { put, close } = await contenders[name]()
      if (name !== 'ours') await put(-1)
      taken[name] = await timed(() => Promise.all(numbers.map(put)))
      close()
    }
    return taken
  },
}
