import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { presence } from '../../../src/core/people/presence.js'
import { receipts } from '../../../src/core/people/receipts.js'
import { typing } from '../../../src/core/people/typing.js'
import { codes, start } from './steps.js'
import { newWorld, type Profile, type Tab, texts, type World } from './world.js'

let world: World

const signedOut = expect.objectContaining({ code: 'signed_out', retry: 'after-auth' })
/** What a profile's disk holds, but for the note of a logout. */
const left = ({ disk }: Profile) =>
  disk.names().flatMap((name) => disk.entries(name).filter(([key]) => key !== 'w' && key !== 'm'))

async function two() {
  world = newWorld({ latencyMs: 5 })
  const profile = world.profile('alice')
  const [one, other] = [start(world.tab(profile)), start(world.tab(profile))]
  const bob = start(world.tab(world.profile('bob')))
  await world.timeline.advance(200)
  bob.client.room('general').send('hello')
  one.client.room('general').send('mine')
  await world.timeline.advance(200)
  return { profile, one, other, bob }
}

/** Signs out in a tab, and lets everything that follows happen. */
async function signOut(tab: Tab, ms = 1_000): Promise<void> {
  const out = tab.client.logout({ force: true })
  out.catch(() => undefined)
  await world.timeline.advance(ms)
  await out
}

describe('signing out in one tab', () => {
  it('I18: ends the others: they show nothing, refuse everything and say why', async () => {
    const { profile, one, other } = await two()
    const room = other.client.room('general')
    const lists: number[] = []
    room.timeline.subscribe(() => lists.push(room.timeline.get().items.length))
    other.client.room('general').send('waits')
    await signOut(one)
    for (const { client } of [one, other]) {
      expect(client.rooms.get()).toEqual([])
      expect(client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
      expect(client.connection.get()).toMatchObject({ state: 'destroyed', error: signedOut })
      expect(() => client.connect()).toThrow(signedOut)
      expect(() => client.room('general')).toThrow(signedOut)
    }
    expect(lists.at(-1)).toBe(0)
    expect(room.timeline.get()).toMatchObject({ items: [], pending: 0 })
    expect(room.message('mine').get()).toBeNull()
    expect(() => room.send('more')).toThrow(signedOut)
    expect(await room.loadOlder()).toBe(false)
    expect(codes(other)).toEqual(['signed_out'])
    expect(codes(one)).toEqual([])
    expect(left(profile)).toEqual([])
    for (const tab of [one, other]) {
      expect(tab.link.open).toBe(0)
      expect(tab.lifecycle.listeners).toBe(0)
    }
    expect(profile.disk.openStores).toBe(0)
  })

  it('lets the others sign out as well: it resolves, forced or not, and changes nothing', async () => {
    const { profile, one, other } = await two()
    other.client.room('general').send('waits')
    await signOut(one)
    const outs = [one.client.logout(), other.client.logout(), other.client.logout({ force: true })]
    await world.timeline.advance(1_000)
    expect(await Promise.all(outs)).toEqual([undefined, undefined, undefined])
    expect(() => other.client.connect()).toThrow(signedOut)
    expect(left(profile)).toEqual([])
    expect(codes(other)).toEqual(['signed_out'])
    await other.client.destroy()
    await other.client.logout()
  })

  it('I18: ends what people told each other there as well', async () => {
    const { one, other, bob } = await two()
    const room = other.client.room('general')
    const states: unknown[] = []
    receipts(room).state.subscribe(() => states.push(null))
    typing(room).users.subscribe(() => states.push(null))
    presence(other.client).mine.subscribe(() => states.push(null))
    receipts(bob.client.room('general')).markRead()
    typing(bob.client.room('general')).keystroke()
    typing(room).keystroke()
    await world.timeline.advance(1_000)
    expect(typing(room).users.get()).toHaveLength(1)
    await signOut(one)
    expect(typing(room).users.get()).toEqual([])
    expect(typing(room).isTyping.get()).toBe(false)
    expect(receipts(room).readBy('mine').get()).toEqual([])
    typing(room).keystroke()
    receipts(room).markRead()
    await world.timeline.advance(10_000)
    expect(typing(bob.client.room('general')).users.get()).toEqual([])
  })

  it('is obeyed by a tab that heard nothing of it, as soon as that is there again', async () => {
    const { profile, one, other } = await two()
    profile.disk.deafen(true)
    await signOut(one)
    profile.disk.deafen(false)
    expect(codes(other)).toEqual([])
    other.lifecycle.signal('visible')
    await world.timeline.advance(1_000)
    expect(codes(other)).toEqual(['signed_out'])
    expect(left(profile)).toEqual([])
  })

  it('is obeyed by a tab whose store was lost meanwhile: it does not put back what was there', async () => {
    const { profile, one, other } = await two()
    receipts(other.client.room('general')).markRead()
    other.client.disconnect()
    other.client.room('general').send('waits')
    await world.timeline.advance(100)
    expect(left(profile).map(([key]) => key)).toContain('c/read/general')
    profile.disk.deafen(true)
    await signOut(one)
    profile.disk.lose('closed', other.storage)
    await world.timeline.advance(10_000)
    expect(codes(other)).toContain('signed_out')
    expect(left(profile)).toEqual([])
  })

  it('is obeyed by a tab that was away while the user signed in again', async () => {
    const { profile, one, other } = await two()
    profile.disk.deafen(true)
    await signOut(one)
    const again = start(world.tab(profile))
    await world.timeline.advance(1_000)
    expect(texts(again.client)).toEqual(['hello', 'mine'])
    other.lifecycle.signal('pageshow')
    await world.timeline.advance(1_000)
    expect(codes(other)).toEqual(['signed_out'])
    expect(codes(again)).toEqual([])
    again.client.room('general').send('new')
    await world.timeline.advance(1_000)
    expect(texts(again.client)).toEqual(['hello', 'mine', 'new'])
  })

  it('leaves other users of the device alone', async () => {
    const { profile, one } = await two()
    const carol = start(world.tab({ ...profile, user: 'carol' }))
    await world.timeline.advance(200)
    carol.client.disconnect()
    carol.client.room('general').send('carols')
    await world.timeline.advance(100)
    await signOut(one)
    expect(carol.client.outbox.get().pending).toBe(1)
    expect(codes(carol)).toEqual([])
    expect(left(profile).length).toBeGreaterThan(0)
  })
})

describe('a logout whose disk does not answer', () => {
  it('says so within 3 s, and the next to come empties the disk before anything is read', async () => {
    const { profile, one, other } = await two()
    const [cache = ''] = profile.disk.names().filter((name) => name.includes('cache'))
    expect(profile.disk.entries(cache).length).toBeGreaterThan(0)
    // A tab that is frozen in the middle of a write: here it is the disk that stands still, and does its work later.
    other.crash()
    const release = profile.disk.hang()
    const out = one.client.logout({ force: true })
    out.catch(() => undefined)
    await world.timeline.advance(LIMITS.openTimeoutMs)
    release()
    await world.timeline.advance(1_000)
    await expect(out).rejects.toMatchObject({ code: 'storage', retry: 'later' })
    // As a tab would that wrote after the logout.
    profile.disk.corrupt(cache, 'b/general/0000000000', 'left behind')
    profile.disk.corrupt(cache.replace('cache', 'outbox'), 'e/left', 'left behind')
    const again = world.tab(profile)
    again.link.refuse(true)
    start(again)
    await world.timeline.advance(1_000)
    expect(texts(again.client)).toEqual([])
    expect(left(profile)).toEqual([])
    expect(codes(again)).toEqual([])
  })

  it('is obeyed once: what is written after it stays', async () => {
    const { profile, one, other } = await two()
    await signOut(one)
    expect(codes(other)).toEqual(['signed_out'])
    for (const text of ['first', 'second']) {
      const again = world.tab(profile)
      again.link.refuse(true)
      start(again)
      await world.timeline.advance(100)
      again.client.room('general').send(text)
      await world.timeline.advance(100)
      again.crash()
    }
    const last = world.tab(profile)
    last.link.refuse(true)
    start(last)
    await world.timeline.advance(100)
    expect(texts(last.client)).toEqual(['first', 'second'])
  })
})
