import { ask, startChild, told } from '../lib/processes.mjs'
import { median } from '../lib/report.mjs'

const bars = { single: { max: 1.5 }, pipelined: { min: 1 } }

const start = (name, args) => {
  const { BENCH_NODE_OPTIONS = '' } = process.env
  return startChild(name, args, BENCH_NODE_OPTIONS.split(' ').filter(Boolean))
}

/** What a message costs, whoever else is on the machine: ours, and as a ratio to raw. */
const cpuRows = (what, ours, raw) =>
  ['client', 'server'].map((side) => {
    const of = (rounds) => median(rounds.map(({ cpu }) => cpu[side]))
    return {
      label: `  ${what}: CPU, ${side}`,
      value: of(ours),
      unit: 'µs a message',
      ratio: of(ours) / of(raw),
    }
  })

/** A server and a client, each in a process of its own. */
const open = async (contender) => {
  const server = start('round-trip-server', [contender])
  const { url, token = '' } = await told(server)
  const client = start('round-trip-client', [contender, url, token])
  await told(client)
  return {
    async measure(name, count) {
      const before = await ask(server, 'cpu')
      const { figure, cpuUs } = await ask(client, { case: name, count })
      const served = (await ask(server, 'cpu')) - before
      return { figure, cpu: { client: cpuUs / count, server: served / count } }
    },
    close() {
      client.disconnect()
      server.disconnect()
      client.kill()
      server.kill()
    },
  }
}

/** From sending a message to its acknowledgement. Both contenders do with it what a chat would: ours keeps it, shows it, stores it. */
export const row = {
  name: 'round-trip',
  about: 'send to acknowledgement on loopback, all in memory, against ws + JSON with acks matched by id',
  bars,
  async run({ quick }) {
    const [ours, raw] = await Promise.all([open('ours'), open('raw')])
    const rounds = quick ? 4 : 12
    const count = quick ? 100 : 200
    const single = { ours: [], raw: [] }
    const pipelined = { ours: [], raw: [] }
    try {
      // The first rounds only warm: the question is what a running application pays. What runs once a batch needs some thousands alone.
      for (let round = -2; round < rounds / 2; round++)
        for (const [name, contender] of Object.entries({ raw, ours })) {
          const measured = await contender.measure('pipelined', count * 20)
          if (round >= 0) pipelined[name].push(measured)
        }
      for (let round = -1; round < rounds; round++)
        for (const [name, contender] of Object.entries({ raw, ours })) {
          const measured = await contender.measure('single', round < 0 ? 4_000 : count)
          if (round >= 0) single[name].push(measured)
        }
    } finally {
      ours.close()
      raw.close()
    }
    const p50Of = (rounds) => median(rounds.flatMap(({ figure }) => figure))
    const rateOf = (rounds) => median(rounds.map(({ figure }) => figure))
    const p50 = { ours: p50Of(single.ours), raw: p50Of(single.raw) }
    const rate = { ours: rateOf(pipelined.ours), raw: rateOf(pipelined.raw) }
    return [
      { label: 'ws + JSON, one at a time', value: p50.raw, unit: 'µs, p50' },
      {
        label: 'tidings, one at a time',
        value: p50.ours,
        unit: 'µs, p50',
        ratio: p50.ours / p50.raw,
        bar: bars.single,
      },
      ...cpuRows('one at a time', single.ours, single.raw),
      { label: 'ws + JSON, 200 on their way', value: rate.raw, unit: 'messages/s' },
      {
        label: 'tidings, 200 on their way',
        value: rate.ours,
        unit: 'messages/s',
        ratio: rate.ours / rate.raw,
        bar: bars.pipelined,
      },
      ...cpuRows('200 on their way', pipelined.ours, pipelined.raw),
    ]
  },
}
