import type { Operation } from 'tidings-server'
import { start } from './steps.js'
import { messages, newWorld, type Profile, type Tab } from './world.js'

export const roomOf = ({ client }: Tab) => client.room('general')

export const shown = (tab: Tab) => messages(tab.client)[0]

export const code = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: unknown) => Reflect.get(Object(error), 'code'),
  )

/** Two devices of one person, both of which have read a message "one". */
export async function twoDevices() {
  const made = newWorld({ latencyMs: 5 })
  const edits: Operation[] = []
  const { append } = made.log
  Object.assign(made.log, {
    append(operations: readonly Operation[]) {
      edits.push(...operations.filter(({ kind }) => kind === 'edit'))
      return append(operations)
    },
  })
  const profiles = [made.profile('alice'), made.profile('alice')] as const
  const phone = start(made.tab(profiles[0]))
  const laptop = start(made.tab(profiles[1]))
  await made.timeline.advance(200)
  const { key } = roomOf(phone).send('one')
  await made.timeline.advance(200)
  const advance = (ms: number) => made.timeline.advance(ms)
  const offline = async (tab: Tab) => {
    tab.link.refuse(true)
    tab.link.drop()
    await advance(100)
  }
  const online = async (tab: Tab) => {
    tab.link.refuse(false)
    tab.lifecycle.signal('online')
    await advance(60_000)
  }
  const open = (profile: Profile, reached = true) => {
    const tab = made.tab(profile)
    if (!reached) tab.link.refuse(true)
    return tab
  }
  /** The laptop edits in a tunnel while the phone does, and comes back. */
  const collide = async (options = { expectVersion: true } as const) => {
    await offline(laptop)
    const edit = roomOf(laptop).edit(key, 'mine', options)
    const verdict = code(edit.confirmed())
    roomOf(phone).edit(key, 'theirs')
    await advance(200)
    await online(laptop)
    return verdict
  }
  return { world: made, phone, laptop, key, edits, profiles, advance, offline, online, open, collide }
}
