import { describe, expect, it } from 'vitest'
import { newWorld, type World } from './world.js'

let world: World

async function live() {
  world = newWorld()
  const profile = world.profile('alice')
  const { client } = world.tab(profile)
  const room = client.room('general')
  room.open()
  client.connect()
  await world.timeline.advance(1_000)
  const commits = async (act: () => void): Promise<number> => {
    const before = profile.disk.commits
    act()
    await world.timeline.advance(1_000)
    return profile.disk.commits - before
  }
  return { client, room, commits }
}

describe('what a message costs the disk', () => {
  it('is three writes: queued, acknowledged, in the log', async () => {
    const { room, commits } = await live()
    for (let i = 0; i < 5; i++) expect(await commits(() => room.send(`Number ${i}`))).toBe(3)
  })

  it('is hardly more than one write when the next is sent as soon as one is confirmed', async () => {
    const { room, commits } = await live()
    const cost = await commits(() => {
      void (async () => {
        for (let i = 0; i < 100; i++) await room.send(`Number ${i}`).confirmed()
      })()
    })
    expect(cost).toBeGreaterThanOrEqual(100)
    expect(cost).toBeLessThan(110)
  })

  it('is shared by all that are written in one tick', async () => {
    const { client, room, commits } = await live()
    const cost = await commits(() => {
      for (let i = 0; i < 50; i++) room.send(`Number ${i}`)
    })
    expect(cost).toBe(3)
    expect(client.outbox.get().pending).toBe(0)
  })
})
