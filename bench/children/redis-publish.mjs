// node redis-publish.mjs URL COUNT FLIGHT ROOMS ROUNDS: publishes COUNT messages with each contender in each round, FLIGHT on their way at
// any time, round and round in ROOMS. Prints {bare, log, heard}: messages a second, by round. They take turns in one process, so that
// whoever else is on the machine is there for all of them. The first two rounds only warm.
import { createClient } from '@redis/client'
import { loadSource } from '../lib/apart.mjs'

const [url, ...sizes] = process.argv.slice(2)
const [count, flight, rooms, rounds] = sizes.map(Number)
const parts = await loadSource('bench/children/redis-publish-parts.ts')
const { nodeClock: clock, nodeRandom: random, KEEP: keep, FORGET_MS: forgetMs } = parts
const prefix = `bench-${random.id()}`
const WARM_ROUNDS = 2

let made = 0
/** An entry of about 300 bytes. */
const operationIn = (contender) => {
  const i = made++
  return {
    room: `${contender}-${i % rooms}`,
    author: 'bench',
    id: `operation-${String(i).padStart(11, '0')}`,
    kind: 'create',
    stamp: parts.formatStamp(clock.now(), 0, 'bench------'),
    body: JSON.stringify({ text: `message ${i} ${'lorem ipsum dolor sit amet '.repeat(4)}`, lang: 'en' }),
  }
}

/** A server's log; opening it brings the functions. */
const { log, bus } = await parts.openRedis({ url, prefix, clock, random, keep, forgetMs })
for (let room = 0; room < rooms; room++) await bus.enter(`heard-${room}`)
const client = await createClient({ url }).connect()

/** Each makes of an operation what it publishes, before the time is taken, and publishes that; it is over when Redis has answered. */
const contenders = {
  /** The same calls, made before and read by nobody. */
  bare: {
    prepare: (operation) => parts.wordsOf(prefix, operation),
    publish: (words) => client.sendCommand(words),
  },
  /** The log of a server. */
  log: { prepare: (operation) => [operation], publish: log.append },
  /** The same in rooms in which somebody is, so that what the channel brings is taken in as well. */
  heard: { prepare: (operation) => [operation], publish: log.append },
}

const rateOf = async (name) => {
  const { prepare, publish } = contenders[name]
  const prepared = Array.from({ length: count }, () => prepare(operationIn(name)))
  let next = 0
  const publisher = async () => {
    while (next < count) await publish(prepared[next++])
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: flight }, publisher))
  return (count / (performance.now() - began)) * 1_000
}

const rates = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
for (let round = -WARM_ROUNDS; round < rounds; round++)
  for (const name of Object.keys(contenders)) {
    const rate = await rateOf(name)
    if (round >= 0) rates[name].push(rate)
  }
console.log(JSON.stringify(rates))
process.exit()
