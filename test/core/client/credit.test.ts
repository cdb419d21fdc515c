import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { at, newPuppet } from './puppet-world.js'
import { numbers } from './steps.js'
import { texts } from './world.js'

const PAGE = 5
/** Pages for which credit is given at once. */
const EIGHTH = LIMITS.creditPages / 8

/** A room of which page after page comes, each `PAGE` messages long. */
async function paging() {
  const p = newPuppet()
  p.client.room('general').open()
  await p.welcome()
  await p.catchUp(1, [p.entry(1)])
  p.server.send(p.event(200))
  await p.timeline.settle()
  const asked = () => p.framesOf('sync_request').length
  const { id = '' } = p.framesOf('sync_request').at(-1) ?? {}
  let stands = 1
  async function push(): Promise<void> {
    const from = stands
    stands += PAGE
    const messages = numbers(from + 1, stands).map((seq) => p.entry(seq))
    p.page(stands, messages, { id, prev: at(from), hasMore: true, head: 200 })
    await p.timeline.settle()
  }
  const given = () => p.framesOf('sync_credit').reduce((sum, { pages }) => sum + pages, 0)
  return { p, push, asked, given, stands: () => stands }
}

describe('the credit that a server has for pages', () => {
  it('is given again for each page, an eighth at a time, once they are written', async () => {
    const { p, push, given, stands } = await paging()
    for (let i = 1; i < EIGHTH; i++) await push()
    expect(given()).toBe(0)
    await push()
    expect(given()).toBe(EIGHTH)
    const release = p.disk.hang()
    for (let i = 0; i < EIGHTH; i++) await push()
    expect(given()).toBe(EIGHTH)
    release()
    await p.timeline.settle()
    expect(given()).toBe(2 * EIGHTH)
    expect(texts(p.client)).toEqual(numbers(1, stands()))
  })

  it('is given all the same where the disk refuses: the room goes on in memory', async () => {
    const { p, push, given, stands } = await paging()
    const release = p.disk.hang()
    for (let i = 0; i < EIGHTH; i++) await push()
    await p.timeline.advance(LIMITS.openTimeoutMs)
    expect(given()).toBe(EIGHTH)
    expect(texts(p.client)).toEqual(numbers(1, stands()))
    release()
  })

  it('is waited for as long as there is any, and not while there is none', async () => {
    const { p, push, asked } = await paging()
    await push()
    const before = asked()
    await p.timeline.advance(LIMITS.pageTimeoutMs)
    expect(asked()).toBe(before + 1)

    const other = await paging()
    const release = other.p.disk.hang()
    for (let i = 0; i < LIMITS.creditPages; i++) await other.push()
    const asks = other.asked()
    await other.p.timeline.advance(LIMITS.openTimeoutMs / 2)
    release()
    await other.p.timeline.settle()
    expect(other.given()).toBe(LIMITS.creditPages)
    await other.p.timeline.advance(LIMITS.pageTimeoutMs - 1)
    expect(other.asked()).toBe(asks)
    await other.p.timeline.advance(1)
    expect(other.asked()).toBe(asks + 1)
  })
})
