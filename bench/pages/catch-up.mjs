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

let held

const catchUp = async ({ url, token, service, count, durable }) => {
  const storage = durable ? {} : { storage: createMemoryStorage() }
  held = await follow({ url, token, service, count, ...storage })
  const { kind } = held.storage.get()
  if (kind !== (durable ? 'indexed-db' : 'memory')) throw new Error(`the storage is ${kind}`)
}

window.bench = {
  ours: (given) => timed(() => catchUp(given)),
  async frame({ frameUrl, count }) {
    let messages
    const taken = await timed(async () => {
      messages = await receiveFrame(frameUrl)
    })
    if (messages.length !== count || messages.some(({ seq }, i) => seq !== i + 1))
      throw new Error('the frame does not hold every message')
    return taken
  },
  gap: (given) => longestGap(() => catchUp(given)),
  /** What the machine alone makes of it. */
  idleGap: (ms) => longestGap(() => new Promise((resolve) => setTimeout(resolve, ms))),
  /** Whoever comes next finds disk and memory as they were. */
  async tidy() {
    await held?.logout({ force: true })
    held = undefined
    window.gc()
  },
}
