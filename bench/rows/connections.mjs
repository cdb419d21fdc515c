import { ask, startChild, told } from '../lib/processes.mjs'

const wanted = { full: 10_000, quick: 1_000 }
/** Connections that only warm: what the first ones cost is not theirs. */
const warm = 200
/** Files that a process has open beside its sockets, generously. */
const spareFiles = 200
/** All that were asked for stay open; memory is told, against what the sockets alone cost. */
const bars = { open: { min: 1 } }

const start = (name, args) => startChild(name, args, ['--expose-gc'])

/** How many sockets a process may have here. Node has raised the soft limit to the hard one when it started. */
const mostSockets = () => {
  const { soft } = process.report.getReport().userLimits.open_files
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Math.max(0, soft - spareFiles)
}

/** Opens so many connections to a server of its own. */
const measure = async (contender, count) => {
  const server = start('connections-server', [contender])
  const { url } = await told(server)
  const client = start('connections-client', [url])
  await told(client)
  try {
    const tokens = await ask(server, { tokens: warm + count })
    const before = await ask(client, { tokens: tokens.slice(0, warm), from: 0 })
    const empty = await ask(server, { memory: true })
    const open = (await ask(client, { tokens: tokens.slice(warm), from: warm })) - before
    const full = await ask(server, { memory: true })
    return { open, bytes: (full - empty) / open }
  } finally {
    client.kill()
    server.kill()
  }
}

export const row = {
  name: 'connections',
  about:
    'connections on one server, each welcomed and in a room of twenty: resident memory of its process, against ws alone',
  bars,
  async run({ quick }) {
    const asked = quick ? wanted.quick : wanted.full
    const count = Math.min(asked, mostSockets() - warm)
    const raw = await measure('raw', count)
    const ours = await measure('ours', count)
    const kB = (bytes) => bytes / 1_000
    const results = [
      { label: 'ws alone', value: kB(raw.bytes), unit: 'kB a connection' },
      { label: 'tidings', value: kB(ours.bytes), unit: 'kB a connection', ratio: ours.bytes / raw.bytes },
      {
        label: `tidings: open of ${count}`,
        value: ours.open,
        unit: 'connections',
        ratio: ours.open / count,
        bar: bars.open,
      },
    ]
    if (count < asked)
      results.push({
        label: `${asked} connections`,
        skipped: `a process may open ${count} sockets here; raise the hard limit of files (ulimit -Hn)`,
      })
    return results
  },
}
