// Runs in the page: a put a message by libraries over IndexedDB, as durable as an outbox.
import { Dexie } from 'dexie'
import { openDB } from 'idb'
import { contenders, recordOf } from './enqueued.mjs'

contenders.idb = async () => {
  const database = await openDB(`idb-${crypto.randomUUID()}`, 1, {
    upgrade: (opened) => opened.createObjectStore('messages', { keyPath: 'id' }),
  })
  return {
    put(i) {
      const transaction = database.transaction('messages', 'readwrite', { durability: 'strict' })
      void transaction.store.put(recordOf(i))
      transaction.commit()
      return transaction.done
    },
    close: () => database.close(),
  }
}

contenders.dexie = async () => {
  const name = `dexie-${crypto.randomUUID()}`
  const database = new Dexie(name, { chromeTransactionDurability: 'strict', cache: 'disabled' })
  database.version(1).stores({ messages: 'id' })
  await database.open()
  return { put: (i) => database.messages.put(recordOf(i)), close: () => database.close() }
}
