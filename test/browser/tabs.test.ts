import { afterEach, describe, expect, inject, it } from 'vitest'
import { confirmed, type Ending, openTab, soon, type Tab, type Ticket } from './support/tabs.js'

const open: Tab[] = []
afterEach(() => {
  for (const tab of open.splice(0)) tab.end()
})

/** Alice with a profile that nobody has used, and Bob in the same room. */
function people(): { enter(ending: Ending, online?: boolean): Promise<Tab>; bob(): Promise<Tab> } {
  const mark = crypto.randomUUID()
  const enter = async (user: string, ending: Ending, online: boolean): Promise<Tab> => {
    const place = { url: inject('chatUrl'), tokens: inject('tokensUrl'), room: `room-${mark}` }
    const ticket: Ticket = { ...place, user: `${user}-${mark}`, online }
    const tab = await openTab(ending, ticket)
    open.push(tab)
    if (online) await soon(tab.state).toBe('connected')
    return tab
  }
  return {
    enter: (ending, online = true) => enter('alice', ending, online),
    bob: () => enter('bob', 'closed', true),
  }
}

const many = Array.from({ length: 20 }, (_, i) => `last word ${i + 1}`)

describe.each(['closed', 'killed'] as const)('the tab that sends is %s', (ending) => {
  it('right after it wrote: what it had queued is there once, in order, and the other one goes on', async () => {
    const { enter, bob } = people()
    const leader = await enter(ending)
    await leader.write('hello')
    const other = await enter('closed')
    const friend = await bob()
    for (const { statuses } of [leader, other, friend]) await soon(statuses).toEqual(confirmed('hello'))
    await leader.write(...many)
    leader.end()
    await other.write('after it')
    for (const { statuses } of [other, friend])
      await soon(statuses).toEqual(confirmed('hello', ...many, 'after it'))
    await soon(other.pending).toBe(0)
  })

  it('with messages that never left: the other one finds and sends them', async () => {
    const { enter, bob } = people()
    const leader = await enter(ending, false)
    const other = await enter('closed', false)
    const friend = await bob()
    await leader.write('my', 'last', 'words')
    leader.end()
    await soon(other.pending).toBe(3)
    expect(await friend.statuses()).toEqual([])
    await other.connect()
    for (const { statuses } of [other, friend]) await soon(statuses).toEqual(confirmed('my', 'last', 'words'))
  })

  it('before the other one was there: a new tab reads everything from the device, and sends it', async () => {
    const { enter, bob } = people()
    const leader = await enter(ending)
    await leader.write('kept')
    await soon(leader.statuses).toEqual(confirmed('kept'))
    await leader.disconnect()
    await leader.write('one', 'two')
    leader.end()
    const heir = await enter('closed', false)
    // That the server has the first one is perhaps not on the device yet: it will say so again.
    await soon(heir.texts).toEqual(['kept', 'one', 'two'])
    expect((await heir.statuses()).slice(1)).not.toContain('one: confirmed')
    await heir.connect()
    const friend = await bob()
    for (const { statuses } of [heir, friend]) await soon(statuses).toEqual(confirmed('kept', 'one', 'two'))
  })
})

describe('two tabs of one person', () => {
  it('both show everything, each message once', async () => {
    const { enter, bob } = people()
    const [left, right, friend] = [await enter('closed'), await enter('closed'), await bob()]
    await left.write('from the left')
    await soon(right.statuses).toEqual(confirmed('from the left'))
    await right.write('from the right')
    await soon(left.statuses).toEqual(confirmed('from the left', 'from the right'))
    await friend.write('which one is it?')
    for (const { statuses } of [left, right, friend])
      await soon(statuses).toEqual(confirmed('from the left', 'from the right', 'which one is it?'))
  })
})

describe('a whole conversation', () => {
  it('goes over offline, a reload and back: confirmed once, in the same order for both', async () => {
    const { enter, bob } = people()
    const before = await enter('closed')
    const friend = await bob()
    await before.write('hello')
    await soon(friend.statuses).toEqual(confirmed('hello'))
    await friend.write('hello alice')
    await soon(before.statuses).toEqual(confirmed('hello', 'hello alice'))
    await before.disconnect()
    await before.write('in a tunnel', 'still in it')
    await friend.write('are you there?')
    before.end()
    const after = await enter('closed', false)
    await soon(after.texts).toEqual(['hello', 'hello alice', 'in a tunnel', 'still in it'])
    expect(await friend.texts()).toEqual(['hello', 'hello alice', 'are you there?'])
    await after.connect()
    const all = ['hello', 'hello alice', 'in a tunnel', 'still in it', 'are you there?']
    // Which of two people was first, their clocks say; that the order is the same for both is the promise.
    for (const { statuses } of [after, friend])
      await soon(async () => [...(await statuses())].sort()).toEqual([...confirmed(...all)].sort())
    expect(await after.texts()).toEqual(await friend.texts())
    await soon(after.pending).toBe(0)
  })
})
