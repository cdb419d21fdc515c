import { newPuppet } from './puppet-world.js'
import { numbers } from './steps.js'
import { messages } from './world.js'

/** A room that is live and looked at, and how often its reader was told of other items. */
export async function watched(count = 0) {
  const p = newPuppet()
  const { timeline } = p.client.room('general')
  const told = { times: 0 }
  let { items: last } = timeline.get()
  timeline.subscribe(() => {
    if (timeline.get().items !== last) told.times++
    last = timeline.get().items
  })
  await p.welcome()
  await p.catchUp(
    count,
    numbers(1, count).map((seq) => p.entry(seq)),
  )
  told.times = 0
  return { p, timeline, told, items: () => messages(p.client) }
}
