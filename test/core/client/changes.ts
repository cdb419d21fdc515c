import type { Operation } from 'tidings-server'
import { start } from './steps.js'
import { newWorld, type Tab, type WorldOptions } from './world.js'

/** A world whose log tells which operations it was given. */
export function watched(options: WorldOptions = {}) {
  const world = newWorld({ latencyMs: 5, ...options })
  const asked: Operation[] = []
  const { append } = world.log
  Object.assign(world.log, {
    append: (operations: readonly Operation[]) => {
      asked.push(...operations)
      return append(operations)
    },
  })
  async function offline(tab: Tab): Promise<Tab> {
    tab.link.refuse(true)
    tab.link.drop()
    await world.timeline.advance(100)
    return tab
  }

  async function online(tab: Tab): Promise<void> {
    tab.link.refuse(false)
    tab.lifecycle.signal('online')
    await world.timeline.advance(60_000)
  }

  /** A tab in a tunnel, with what it has read before. */
  async function inATunnel(user = 'alice'): Promise<Tab> {
    const tab = start(world.tab(world.profile(user)))
    await world.timeline.advance(200)
    return offline(tab)
  }
  /** Two devices of alice's, which have both read her message "one" before they went into a tunnel. */
  async function twoInATunnel() {
    const [phone, laptop] = [
      start(world.tab(world.profile('alice'))),
      start(world.tab(world.profile('alice'))),
    ]
    await world.timeline.advance(200)
    const { key } = phone.client.room('general').send('one')
    await world.timeline.advance(200)
    for (const device of [phone, laptop]) await offline(device)
    return { phone, laptop, key }
  }
  const kinds = () => asked.map(({ kind }) => kind)
  return { world, asked, kinds, offline, online, inATunnel, twoInATunnel }
}

export const roomOf = ({ client }: Tab, name = 'general') => client.room(name)

export const told = async (promise: Promise<void>): Promise<string> => {
  try {
    await promise
    return 'done'
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'))
  }
}
