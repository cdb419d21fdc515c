// Hybrid logical clocks by one interface: {generate, receive, compare, text}. `receive` and `compare` take what came off the wire: what
// `JSON.parse` makes of `text`. Each is made with a wall clock and a number that names its node.
import { loadSource } from './apart.mjs'
import { importPeer } from './peers.mjs'

const ours = async () => {
  const { createHlc, compareText } = await loadSource('bench/children/stamps-parts.ts')
  return (now, node) => {
    const hlc = createHlc({ clock: { now }, node: `bench-node${node}` })
    return { generate: hlc.tick, receive: hlc.observe, compare: compareText, text: JSON.stringify }
  }
}

const actual = async () => {
  const { Timestamp } = await importPeer('@actual-app/crdt')
  return (now, node) => {
    // It has one clock a process and asks the platform for the time.
    Date.now = now
    Timestamp.init({ node: `${node}`.repeat(16) })
    return {
      generate: Timestamp.send,
      receive: (text) => Timestamp.recv(Timestamp.parse(text)),
      // "A 46-character collatable string", it says.
      compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
      text: (stamp) => JSON.stringify(stamp.toString()),
    }
  }
}

/** The textbook's: an object a stamp, compared part by part. */
const objects = async () => (now, node) => {
  let last = 0
  let counter = 0
  const nodeId = `node-${node}`
  const generate = () => {
    const wall = now()
    counter = wall > last ? 0 : counter + 1
    last = Math.max(wall, last)
    return { timestamp: last, counter, nodeId }
  }
  return {
    generate,
    receive(stamp) {
      const latest = Math.max(now(), last, stamp.timestamp)
      const mine = latest === last ? counter : -1
      const theirs = latest === stamp.timestamp ? stamp.counter : -1
      counter = Math.max(mine, theirs) + 1
      last = latest
      // Receiving is an event of its own.
      return generate()
    },
    compare: (a, b) => a.timestamp - b.timestamp || a.counter - b.counter || a.nodeId.localeCompare(b.nodeId),
    text: JSON.stringify,
  }
}

export const CLOCKS = { ours, actual, objects }
