import { appendFileSync } from 'node:fs'
import { createConsumers } from '../../src/consuming/consumers.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { openRedis } from '../../src/redis/open.js'

/**
 * A node with a worker, to be killed: `node worker-program.js URL PREFIX FILE IDLE_MS AT_ONCE BATCH`. Into the file go, in the order in which
 * they happen, a line for each batch that is begun and one for each that is over: whose it is, `begin` or `end`, the room, the positions.
 */
const [url = '', prefix = '', file = '', idleMs, atOnce, batch] = process.argv.slice(2)
const { log } = await openRedis({
  url,
  prefix,
  clock: nodeClock,
  random: nodeRandom,
  keep: 0,
  workerIdleMs: Number(idleMs),
})
const note = (...words: readonly string[]) =>
  appendFileSync(file, `${[String(process.pid), ...words].join('\t')}\n`)

await createConsumers({ log, clock: nodeClock, random: nodeRandom }).consume({
  rooms: 'orders/*',
  group: 'indexer',
  from: 'start',
  atOnce: Number(atOnce),
  batch: Number(batch),
  async handle({ room, entries, gap }) {
    const seqs = entries.map(({ seq }) => seq).join(',')
    note(gap ? 'gap' : 'begin', room, seqs)
    await new Promise<void>((resolve) => nodeClock.after(5, resolve))
    note('end', room, seqs)
  },
})
