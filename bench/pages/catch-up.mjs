// Runs in the page: a client catches up with a room, and the same messages come as one frame. Times in ms.
import { createMemoryStorage } from 'tidings'
import { follow, receiveFrame, timed } from './following.mjs'

/** The longest time for which a timer of 4 ms was kept waiting while the work ran, beyond those 4 ms. */
const longestGap = async (work) => {
  let longest = 0
  let last = performance.now()
  const tick = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 4)
    last = now
  }
  const timer = setInterval(tick, 4)
  await work()
  tick()
  clearInterval(timer)
  return longest
}

/** What an earlier run left is cleared away before, not during the next one. */
const tidy = () => window.gc()

const catchUp = async ({ url, token, service, count, durable }) => {
  const storage = durable ? {} : { storage: createMemoryStorage() }
  return follow({ url, token, service, count, ...storage })
}

/** Whoever comes next finds the disk as it was. */
const end = async (client, durable) => {
  const { kind } = client.storage.get()
  if (kind !== (durable ? 'indexed-db' : 'memory')) throw new Error(`the storage is ${kind}`)
  await client.logout({ force: true })
}

window.bench = {
  async ours(given) {
    tidy()
    let client
    const taken = await timed(async () => {
      client = await catchUp(given)
    })
    await end(client, given.durable)
    return taken
  },
  async frame({ frameUrl, count }) {
    tidy()
    let messages
    const taken = await timed(async () => {
      messages = await receiveFrame(frameUrl)
    })
    if (messages.length !== count || messages.some(({ seq }, i) => seq !== i + 1))
      throw new Error('the frame does not hold every message')
    return taken
  },
  async gap(given) {
    tidy()
    let client
    const longest = await longestGap(async () => {
      client = await catchUp(given)
    })
    await end(client, given.durable)
    return longest
  },
  /** What the machine alone makes of it. */
  idleGap(ms) {
    tidy()
    return longestGap(() => new Promise((resolve) => setTimeout(resolve, ms)))
  },
}
