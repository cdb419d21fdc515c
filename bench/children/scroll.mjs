// node scroll.mjs COUNT: syncs a room of so many messages to a disk in memory, walks through all of it in both directions, and prints
// {figure}: microseconds a step, the list of what is shown included.
import { loadSource } from '../lib/apart.mjs'
import { messagesText } from '../lib/arrivals.mjs'

const count = Number(process.argv[2])
const steps = Number(process.argv[3])
const { formatStamp } = await loadSource('src/protocol/stamp.ts')
const { createMemoryStorage } = await loadSource('src/adapters/memory.ts')
const { createLog } = await loadSource('src/core/messages/log.ts')
const { createKeeper } = await loadSource('src/core/messages/keeper.ts')

const store = await createMemoryStorage().open('cache')
const nothing = () => undefined
const log = createLog({ open: async () => store, onBadRecord: nothing, onGrown: nothing, now: () => 0 })
const end = (seq) => ({ seq, cursor: `c${seq}` })
const entries = JSON.parse(messagesText(count, formatStamp))
for (let at = 0; at < count; at += 1_000) {
  const some = entries.slice(at, at + 1_000)
  await log.follow('general', at === 0 ? null : end(at), { entries: some, end: end(at + some.length) })
}
const keeper = createKeeper({
  room: 'general',
  user: 'nobody',
  log,
  onApplied: nothing,
  onFilled: nothing,
  onElsewhere: nothing,
  onError: nothing,
  onStamp: nothing,
  onChange: nothing,
  isSeen: () => false,
  clock: { now: () => 0, after: () => nothing },
})
await keeper.load()

let shown = 0
const walk = async (most) => {
  let taken = 0
  for (const way of ['older', 'newer'])
    for (let i = 0; i < most / 2 && (await keeper.step(way)); i++) {
      shown += keeper.view().shown().length
      taken++
    }
  return taken
}

// Warm, and the list as long as it gets.
await walk(60)
const busy = process.cpuUsage()
let taken = 0
while (taken < steps) taken += await walk(steps - taken)
const { user, system } = process.cpuUsage(busy)
if (shown === 0) throw new Error('Nothing was shown.')
console.log(JSON.stringify({ figure: (user + system) / taken }))
