// A longer way to a server on this machine: everything arrives later by half a round trip, in either direction. Nothing is held back.
import { connect, createServer } from 'node:net'

const carry = (from, to, delayMs) => {
  // Timers of one length end in the order in which they were set.
  const later = delayMs === 0 ? (act) => act() : (act) => setTimeout(act, delayMs)
  from.setNoDelay(true)
  from.on('data', (chunk) => later(() => to.write(chunk)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
}

/** Listens on a free port for what is meant for `port`; resolves with {port, close}. */
export const openRelay = (port, roundTripMs) =>
  new Promise((resolve) => {
    const sockets = new Set()
    const relay = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const socket of [near, far]) {
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket))
      }
      carry(near, far, roundTripMs / 2)
      carry(far, near, roundTripMs / 2)
    })
    const close = () => {
      relay.close()
      for (const socket of sockets) socket.destroy()
    }
    relay.listen(0, '127.0.0.1', () => resolve({ port: relay.address().port, close }))
  })
