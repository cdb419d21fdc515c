// Runs in the page: a room of chat onto the disk and from it, ours and by IndexedDB alone. Times in ms.
import { createClient } from 'tidings'
import { follow, receiveFrame, room, silent, timed, until } from './following.mjs'
import { answerOf, deleteRaw, openRaw, writeRaw } from './raw-disk.mjs'

const pageMessages = 100
/** The messages as they arrive; the page of peers puts the same. */
window.messages = []
/** What they are called: remains when they are let go of. */
let ids = []

const check = (what, found, wanted) => {
  if (found !== wanted) throw new Error(`${what}: ${found} instead of ${wanted}`)
}

/** Looks at what the client left on the disk: every message once, in order. */
const checkStored = async (service) => {
  const databases = await indexedDB.databases()
  const { name } = databases.find((one) => one.name.includes('cache') && one.name.includes(service))
  const database = await answerOf(indexedDB.open(name))
  const store = database.transaction([...database.objectStoreNames]).objectStore(database.objectStoreNames[0])
  const blocks = await answerOf(store.getAll(IDBKeyRange.bound(`b/${room}/`, `b/${room}0`)))
  database.close()
  const stored = blocks.flatMap(({ v }) => v.m.map((text) => JSON.parse(text)[1]))
  check('messages on disk', stored.length, ids.length)
  for (const [i, id] of ids.entries()) check('message on disk', stored[i], id)
}

const options = ({ url, token, service }) => ({ url, service, user: 'reader', token: () => token })

/** A client of an earlier session that no server answers, from being made until it shows the newest messages. */
const openOurs = async (given) => {
  const client = createClient({ ...options(given), connect: silent })
  const { timeline } = client.room(room)
  const taken = await timed(async () => {
    client.connect()
    await until(timeline, ({ items }) => items.length >= 50)
  })
  check('newest message', timeline.get().items.at(-1).id, ids.at(-1))
  await client.destroy()
  return taken
}

/** The same in a client that runs, with another room open. */
const openRoom = async (given) => {
  const client = createClient({ ...options(given), connect: silent })
  const stop = client.room('other').open()
  client.connect()
  await until(client.room('other').timeline, ({ status }) => status === 'cached')
  const { timeline } = client.room(room)
  const taken = await timed(() => until(timeline, ({ items }) => items.length >= 50))
  check('newest message', timeline.get().items.at(-1).id, ids.at(-1))
  stop()
  await client.destroy()
  return taken
}

const readNewest = async (database) => {
  const store = database.transaction('messages').objectStore('messages')
  const found = await answerOf(store.getAll(IDBKeyRange.lowerBound(window.messages.length - 49)))
  check('rows read', found.length, 50)
}

const openRawRows = async () => {
  let database
  const taken = await timed(async () => {
    database = await openRaw('rows', 'seq')
    await readNewest(database)
  })
  return { taken, database }
}

window.bench = {
  /** Holds the messages as a page that parsed them does; tells how many there are. */
  async receive(frameUrl) {
    window.messages = await receiveFrame(frameUrl)
    ids = window.messages.map(({ messageId }) => messageId)
    return ids.length
  },
  letGo() {
    window.messages = []
    window.gc()
  },
  /** The whole way: connecting, decoding, checking, storing. */
  async ours({ url, token, service }) {
    let client
    const taken = await timed(async () => {
      client = await follow({ url, token, service, count: ids.length })
    })
    check('storage', client.storage.get().kind, 'indexed-db')
    await client.destroy()
    await checkStored(service)
    return taken
  },
  /** The least that storing them can be: records of 100 messages as text, in one transaction. */
  async pages() {
    const database = await openRaw('pages')
    const all = window.messages
    const taken = await timed(() =>
      writeRaw(database, 'relaxed', (store) => {
        for (let at = 0; at < all.length; at += pageMessages)
          store.put(JSON.stringify(all.slice(at, at + pageMessages)), at)
      }),
    )
    const store = database.transaction('messages').objectStore('messages')
    check('pages', await answerOf(store.count()), Math.ceil(all.length / pageMessages))
    database.close()
    await deleteRaw('pages')
    return taken
  },
  /** A row a message, to read from. */
  async fillRows() {
    const database = await openRaw('rows', 'seq')
    for (let at = 0; at < window.messages.length; at += 10_000)
      await writeRaw(database, 'relaxed', (store) => {
        for (const message of window.messages.slice(at, at + 10_000)) store.put(message)
      })
    database.close()
  },
  /** In turns: {start, room} of {ours, raw}: from nothing open, and in what is open already. */
  async open(given, rounds) {
    const taken = { start: { ours: [], raw: [] }, room: { ours: [], raw: [] } }
    for (let i = 0; i < rounds; i++) {
      taken.start.ours.push(await openOurs(given))
      const raw = await openRawRows()
      taken.start.raw.push(raw.taken)
      taken.room.ours.push(await openRoom(given))
      taken.room.raw.push(await timed(() => readNewest(raw.database)))
      raw.database.close()
    }
    return taken
  },
}
