// node herd.mjs NAME COUNT RATE DOWN_MS SEED: drops so many clients at once and prints what `play` tells. NAME is one of `DOCUMENTED`, or
// `plain`, `window` or `drain`: connections of the SDK that were told nothing, a `reconnectWindow`, or a slot each before the fall.
import { loadSource } from '../lib/apart.mjs'
import { chance } from '../lib/arrivals.mjs'
import { play } from '../lib/herd.mjs'
import { DOCUMENTED } from '../lib/reconnecting.mjs'

const [name, ...sizes] = process.argv.slice(2)
const [count, rate, downMs, seed] = sizes.map(Number)
const random = chance(seed)

/** Clients that do nothing but wait and try. */
const restated = (delay) => (world) => {
  let lost = 0
  const attempt = (failures) => world.server.arrive(world.back, () => retry(failures + 1))
  const retry = (failures) => {
    const ms = delay(failures, random)
    if (ms === undefined) lost++
    else world.time.after(ms, () => attempt(failures))
  }
  const all = (act) => () => {
    for (let i = 0; i < world.count; i++) act(0)
  }
  return { connect: all(attempt), drop: all(retry), gaveUp: () => lost }
}

const START_MS = 1_900_000_000_000
const HOUR_MS = 3_600_000
/** Longer than it takes a connection to count as a success. */
const CALM_MS = 6_000

/** As the reference server says it; it pings nobody here. */
const welcomeText = (window) =>
  JSON.stringify({
    ...{ type: 'welcome', session: 'session', user: 'bench', node: 'node', t: START_MS },
    ping: { interval: HOUR_MS, timeout: 10_000 },
    limits: {
      ...{ frame: 65_536, body: 32_768, rooms: 256, page: 500, dedupeWindow: HOUR_MS },
      rate: { perSecond: 50, burst: 100 },
    },
    ...(window && { reconnectWindow: Math.ceil((count * 1_000) / rate) }),
  })

/** A connection of the SDK on a transport of this world; gives what its server does to it. */
const openOne = (createConnection, world, welcome) => {
  let current
  const connect = (_, events) => {
    let open = true
    const transport = {
      ...{ kind: 'memory', bufferedAmount: 0 },
      send(text) {
        if (text.includes('"hello"')) world.time.after(0, () => open && events.onText(welcome))
      },
      close() {
        open = false
      },
    }
    world.server.arrive(
      () => {
        current = events
        if (open) events.onOpen()
      },
      () => open && events.onClose({ code: 1006, reason: '' }),
    )
    return transport
  }
  const ignore = () => undefined
  const connection = createConnection({
    ...{ url: 'memory://server', user: 'bench', device: 'bench', connect },
    clock: { now: () => START_MS + world.time.now(), after: world.time.after },
    random: { next: random, id: () => 'id' },
    lifecycle: { listen: () => ignore },
    rooms: () => [],
    onWelcome() {
      world.back()
      connection.settled()
    },
    ...{ onFrames: ignore, onDown: ignore, onRoom: ignore },
    onError(error) {
      throw error
    },
  })
  return {
    connect: connection.connect,
    drop: () => current.onClose({ code: 1006, reason: '' }),
    /** Goes with a slot of its own to come back at, as `drain` of the reference server lets everybody go. */
    drain(slot) {
      current.onText(JSON.stringify({ type: 'goaway', retryAfter: slot, reason: 'restart' }))
      const reason = JSON.stringify({ code: 'going_away', retryAfter: slot })
      current.onClose({ code: 4001, reason })
    },
  }
}

const ofTheSdk = async () => {
  const { createConnection } = await loadSource('src/core/connection/connection.ts')
  const welcome = welcomeText(name === 'window')
  return (world) => {
    const clients = Array.from({ length: world.count }, () => openOne(createConnection, world, welcome))
    const all = (act) => () => {
      clients.forEach(act)
    }
    const slotOf = (i) => 1_000 + Math.floor((i * 1_000) / rate)
    return {
      connect: all((client) => client.connect()),
      drop: all((client, i) => (name === 'drain' ? client.drain(slotOf(i)) : client.drop())),
      gaveUp: () => 0,
    }
  }
}

const documented = DOCUMENTED[name]
const herd = documented ? restated(documented.delay) : await ofTheSdk()
console.log(JSON.stringify(play(herd, { count, rate, downMs, calmMs: CALM_MS })))
