// IndexedDB without anything on top.

/** Opens a database with one object store, `messages`; without a `keyPath` keys are given. */
export const openRaw = (name, keyPath = null) =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => request.result.createObjectStore('messages', { keyPath })
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** One transaction: `put(store)` puts, and it is awaited until it is complete. */
export const writeRaw = (database, durability, put) =>
  new Promise((resolve, reject) => {
    const transaction = database.transaction('messages', 'readwrite', { durability })
    transaction.oncomplete = resolve
    transaction.onabort = () => reject(transaction.error)
    put(transaction.objectStore('messages'))
    transaction.commit()
  })

/** What a request gives. */
export const answerOf = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** Deletes a database that nobody holds open. */
export const deleteRaw = (name) => answerOf(indexedDB.deleteDatabase(name))
