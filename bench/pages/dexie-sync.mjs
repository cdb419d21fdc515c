// Runs in the page: the messages that it holds into a table of Dexie. Its time does not count how they came.
import { Dexie } from 'dexie'

const chunk = 10_000

/** Relaxed as ours, and nothing cached beside the disk. */
window.bench.dexie = async (schema) => {
  const database = new Dexie('dexie', { chromeTransactionDurability: 'relaxed', cache: 'disabled' })
  database.version(1).stores({ messages: schema })
  await database.open()
  const all = window.messages
  const began = performance.now()
  for (let at = 0; at < all.length; at += chunk) await database.messages.bulkPut(all.slice(at, at + chunk))
  const taken = performance.now() - began
  if ((await database.messages.count()) !== all.length) throw new Error('Dexie does not hold every message')
  await database.delete()
  return taken
}
