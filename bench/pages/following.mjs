// What pages share that bring a room of chat onto a disk: a client that takes all of it, and the same messages as one frame.
import { createClient } from 'tidings'

export const room = 'general'

/** Resolves once what a readable holds is as wanted. */
export const until = (readable, isWanted) =>
  new Promise((resolve) => {
    const look = () => {
      if (!isWanted(readable.get())) return
      stop()
      resolve()
    }
    const stop = readable.subscribe(look)
    look()
  })

/** Runs the work; resolves with how long it took, in ms. */
export const timed = async (work) => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/**
 * A client takes a room from the start of its log to the end, `count` messages, and is given back once they are written. Somebody
 * listens to arrivals, so nothing may be jumped over.
 */
export const follow = async ({ count, token, ...options }) => {
  const client = createClient({ ...options, user: 'reader', token: () => token })
  const failed = new Promise((_resolve, reject) => client.on('error', reject))
  let arrived = 0
  let inOrder = true
  client.room(room).arrivals(({ seq }) => {
    arrived += 1
    inOrder &&= seq === arrived
  })
  client.connect()
  const isThrough = ({ phase, applied }) => phase === 'live' && applied >= count
  await Promise.race([until(client.sync, isThrough), failed])
  if (arrived !== count || !inOrder)
    throw new Error(`${arrived} of ${count} messages arrived, or in no order`)
  return client
}

/** All messages at once, parsed. */
export const receiveFrame = (frameUrl) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(frameUrl)
    socket.onopen = () => socket.send('all')
    socket.onerror = () => reject(new Error('the frame did not come'))
    socket.onmessage = ({ data }) => {
      const messages = JSON.parse(data)
      socket.close()
      resolve(messages)
    }
  })

/** A transport on which nothing is heard. */
export const silent = (_url, events) => ({
  kind: 'silent',
  bufferedAmount: 0,
  send() {},
  close: () => queueMicrotask(() => events.onClose({ code: 1000, reason: '' })),
})
