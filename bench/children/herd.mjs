// node herd.mjs NAME COUNT RATE DOWN_MS SEED: drops so many clients at once and prints what `play` tells. NAME is one of `DOCUMENTED`, or
// `plain`, `window` or `drain`: connections of the SDK that were told nothing, a `reconnectWindow`, or a slot each before the fall.
import { loadSource } from '../lib/apart.mjs'
import { chance } from '../lib/arrivals.mjs'
import { play } from '../lib/herd.mjs'
import { DOCUMENTED } from '../lib/reconnecting.mjs'
import { welcomeFrame } from '../lib/welcome.mjs'

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
/** Longer than it takes a connection to count as a success. */
const CALM_MS = 6_000
const ignore = () => undefined

/** How a connection of the SDK reaches the server of this world; `told` is whom the last transport tells. */
const createReach = (world, welcome) => {
  const reach = {
    told: undefined,
    connect(_, events) {
      let open = true
      const accept = () => {
        reach.told = events
        if (open) events.onOpen()
      }
      const refuse = () => open && events.onClose({ code: 1006, reason: '' })
      world.server.arrive(accept, refuse)
      return {
        kind: 'memory',
        bufferedAmount: 0,
        send(text) {
          if (text.includes('"hello"')) world.time.after(0, () => open && events.onText(welcome))
        },
        close() {
          open = false
        },
      }
    },
  }
  return reach
}

/** A connection of the SDK; gives what its server does to it. */
const openOne = (createConnection, world, welcome) => {
  const reach = createReach(world, welcome)
  const connection = createConnection({
    url: 'memory://server',
    user: 'bench',
    device: 'bench',
    connect: reach.connect,
    clock: { now: () => START_MS + world.time.now(), after: world.time.after },
    random: { next: random, id: () => 'id' },
    lifecycle: { listen: () => ignore },
    rooms: () => [],
    onWelcome() {
      world.back()
      connection.settled()
    },
    onFrames: ignore,
    onDown: ignore,
    onRoom: ignore,
    onError(error) {
      throw error
    },
  })
  return {
    connect: connection.connect,
    drop: () => reach.told.onClose({ code: 1006, reason: '' }),
    /** Goes with a slot of its own to come back at, as `drain` of the reference server lets everybody go. */
    drain(slot) {
      reach.told.onText(JSON.stringify({ type: 'goaway', retryAfter: slot, reason: 'restart' }))
      const reason = JSON.stringify({ code: 'going_away', retryAfter: slot })
      reach.told.onClose({ code: 4001, reason })
    },
  }
}

const ofTheSdk = async () => {
  const { createConnection } = await loadSource('src/core/connection/connection.ts')
  const window = name === 'window' ? Math.ceil((count * 1_000) / rate) : undefined
  const welcome = JSON.stringify(welcomeFrame('bench', START_MS, window))
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
