import { missingPeers } from '../lib/peers.mjs'
import { ask, startChild, told } from '../lib/processes.mjs'
import { median } from '../lib/report.mjs'

const bars = { one: { max: 0.75 }, ten: { max: 0.15 } }
const unit = 'µs a delivery'
const MEMBERS = 200
const WARM_ROUNDS = 6

/** The same pause for everybody: long enough that ticks stay apart, short enough that whoever reads does not fall asleep. */
const cases = [
  { name: 'one', what: '1 message a tick', perTick: 1, ticks: 100, pauseMs: 2 },
  { name: 'ten', what: '10 messages a tick', perTick: 10, ticks: 20, pauseMs: 10 },
]

const note =
  "socket.io 4: transports: ['websocket'], perMessageDeflate: false (the default), wsEngine: ws (the default), the first request dropped as " +
  'its page on memory shows; io.to(room).emit, which its adapter encodes once a room'

/** A server and its members, each in a process of its own. */
const open = async (contender) => {
  const server = startChild('delivery-server', [contender, MEMBERS])
  const { url, tokens } = await told(server)
  const client = startChild('delivery-client', [contender, url, MEMBERS])
  await told(client)
  await ask(client, { tokens })
  return {
    /** Processor time of the server for each message and member, and texts that a message took. */
    async measure({ ticks, perTick, pauseMs }) {
      const messages = ticks * perTick
      // Before anything is sent: what came earlier would not be counted.
      await ask(client, { count: messages })
      const arrived = told(client)
      const { cpuUs } = await ask(server, { ticks, perTick, pauseMs })
      const { frames } = await arrived
      const deliveries = messages * MEMBERS
      return { cpu: cpuUs / deliveries, texts: frames / deliveries }
    },
    close() {
      client.kill()
      server.kill()
    },
  }
}

/** Every contender once a round, in turns. */
const rounds = async (pairs, given, count) => {
  const figures = Object.fromEntries(Object.keys(pairs).map((name) => [name, []]))
  for (let round = -WARM_ROUNDS; round < count; round++)
    for (const [name, pair] of Object.entries(pairs)) {
      const { cpu, texts } = await pair.measure(given)
      // Ticks that run into each other would be told as one.
      const due = name === 'ours' || name === 'frames' ? 1 / given.perTick : 1
      if (texts !== due) throw new Error(`${name} told a message in ${texts} texts instead of ${due}.`)
      if (round >= 0) figures[name].push(cpu)
    }
  return figures
}

const resultsOf = ({ name, what }, figures, missing) => {
  const byRound = (peer) => median(figures.ours.map((cpu, round) => cpu / figures[peer][round]))
  const ours = { label: `tidings, ${what}`, value: median(figures.ours), unit }
  const label = `socket.io, ${what}`
  return [
    { label: `limit: one write of a frame made once, ${what}`, value: median(figures.frames), unit },
    { label: `ws alone, ${what}`, value: median(figures.raw), unit },
    missing === undefined
      ? { label, value: median(figures['socket.io']), unit, note }
      : { label, skipped: missing },
    missing === undefined ? { ...ours, ratio: byRound('socket.io'), bar: bars[name] } : ours,
    { label: '  against ws alone', value: median(figures.ours), unit, ratio: byRound('raw') },
    {
      label: '  against one write of a frame made once',
      value: median(figures.ours),
      unit,
      ratio: byRound('frames'),
    },
  ]
}

/** What a server pays to tell a room a message, for each who is told. */
export const row = {
  name: 'delivery',
  about: `processor time of a server for a message and a member, ${MEMBERS} in a room, against socket.io's broadcast`,
  bars,
  async run({ quick }) {
    const missing = quick ? 'quick run' : await missingPeers('socket.io')
    const names = missing === undefined ? ['frames', 'raw', 'socket.io', 'ours'] : ['frames', 'raw', 'ours']
    const pairs = {}
    try {
      for (const name of names) pairs[name] = await open(name)
      const results = []
      for (const given of cases)
        results.push(...resultsOf(given, await rounds(pairs, given, quick ? 1 : 15), missing))
      return results
    } finally {
      for (const pair of Object.values(pairs)) pair.close()
    }
  },
}
