import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createInbox } from '../../src/adapters/inbox.js'

const HEAVY = 10_000
const LIGHT = 100

let nowMs = 0
beforeEach(() => {
  nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
})
afterEach(() => vi.restoreAllMocks())

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** An inbox of texts whose reading takes this long. */
function reader(readingMs: number) {
  const inbox = createInbox()
  const read: string[] = []
  const take = (text: string, chars: number) =>
    inbox.take(chars, () => {
      read.push(text)
      nowMs += readingMs
    })
  return { take, read }
}

describe('what a socket brings at once', () => {
  it('is read at once while it is light, however much it is', () => {
    const { take, read } = reader(5)
    for (const text of ['a', 'b', 'c', 'd']) take(text, LIGHT)
    expect(read).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is read in parts where it is heavy, and the page has a turn after each', async () => {
    const { take, read } = reader(1.5)
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) take(text, HEAVY)
    expect(read).toEqual(['a', 'b', 'c'])
    await turn()
    expect(read).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    await turn()
    expect(read).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  })

  it('keeps its order: what is light waits behind what is heavy', async () => {
    const { take, read } = reader(9)
    take('page', HEAVY)
    take('page 2', HEAVY)
    take('event', LIGHT)
    expect(read).toEqual(['page'])
    await turn()
    take('event 2', LIGHT)
    expect(read).toEqual(['page', 'page 2'])
    for (let i = 0; i < 3; i++) await turn()
    expect(read).toEqual(['page', 'page 2', 'event', 'event 2'])
  })

  it('goes on where reading one of them throws', async () => {
    const inbox = createInbox()
    const read: string[] = []
    inbox.take(HEAVY, () => {
      nowMs += 9
    })
    const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
    inbox.take(HEAVY, () => {
      throw new Error('not to be read')
    })
    inbox.take(HEAVY, () => void read.push('the next one'))
    expect(await thrown).toMatchObject({ message: 'not to be read' })
    await turn()
    expect(read).toEqual(['the next one'])
  })

  it('is read at once again after a pause', async () => {
    const { take, read } = reader(9)
    take('a', HEAVY)
    await turn()
    take('b', HEAVY)
    expect(read).toEqual(['a', 'b'])
  })
})
