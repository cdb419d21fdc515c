// What is put by those who are compared with an outbox, and how each is opened.

/** About 300 bytes of JSON as it is stored, as a message of ours is. */
export const bodyOf = (i) => ({ text: `message ${i} ${'lorem ipsum dolor sit amet '.repeat(4)}`, lang: 'en' })

/** As it stands in the outbox. */
export const recordOf = (i) => ({
  id: crypto.randomUUID(),
  room: 'general',
  kind: 'create',
  stamp: `${Date.now()}-${i}-node`,
  createdAt: Date.now(),
  state: 'queued',
  bytes: 128,
  body: bodyOf(i),
})

/** Contenders by name: each opens a database of its own and gives {put(i), close()}; a put resolves once its transaction is complete. */
window.contenders ??= {}
export const contenders = window.contenders
