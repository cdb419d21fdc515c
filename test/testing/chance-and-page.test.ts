import { describe, expect, it } from 'vitest'
import { createPuppetLifecycle } from '../../src/testing/lifecycle.js'
import { createMemoryLocks } from '../../src/testing/locks.js'
import { createSeededRandom } from '../../src/testing/seeded-random.js'

describe('seeded chance', () => {
  it('repeats for a seed and differs between neighbours', () => {
    const take = (seed: number) => {
      const random = createSeededRandom(seed)
      return [random.next(), random.id(), random.next()]
    }
    expect(take(7)).toEqual(take(7))
    expect(take(7)[0]).not.toBe(take(8)[0])
    expect(take(7)[1]).not.toBe(take(8)[1])
  })

  it('stays in range, spreads evenly and makes ids of 21 letters that do not repeat', () => {
    const random = createSeededRandom(1)
    const tenths = new Array<number>(10).fill(0)
    const numbers = Array.from({ length: 10_000 }, () => random.next())
    expect(numbers.filter((number) => !(number >= 0 && number < 1))).toEqual([])
    for (const number of numbers) {
      const tenth = Math.floor(number * 10)
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150)
    const ids = Array.from({ length: 5000 }, () => random.id())
    expect(new Set(ids).size).toBe(5000)
    expect(ids.filter((id) => !/^[A-Za-z0-9_-]{21}$/.test(id))).toEqual([])
  })
})

describe('the puppet page', () => {
  it('tells every listener in order, until it stops, even from inside a signal', () => {
    const page = createPuppetLifecycle()
    const heard: string[] = []
    const stopFirst = page.listen((signal) => {
      heard.push(`1 ${signal}`)
      if (signal === 'hidden') stopSecond()
    })
    const stopSecond = page.listen((signal) => heard.push(`2 ${signal}`))
    page.signal('online', 'hidden', 'visible')
    expect(heard).toEqual(['1 online', '2 online', '1 hidden', '1 visible'])
    expect(page.listeners).toBe(1)
    stopFirst()
    stopFirst()
    page.signal('active')
    expect(heard).toHaveLength(4)
    expect(page.listeners).toBe(0)
  })
})

describe('locks in memory', () => {
  it('have one holder at a time, serve in order, and outlive no context', async () => {
    const locks = createMemoryLocks()
    const [one, two, three] = [locks.context(), locks.context(), locks.context()]
    const held: string[] = []
    const releaseOne = one.request('drain', () => held.push('one'))
    const leave = two.request('drain', () => held.push('two, who left'))
    two.request('drain', () => held.push('two'))
    three.request('drain', () => held.push('three'))
    expect(held).toEqual([])
    await Promise.resolve()
    expect(held).toEqual(['one'])
    leave()
    releaseOne()
    releaseOne()
    await Promise.resolve()
    expect(held).toEqual(['one', 'two'])
    two.vanish()
    await Promise.resolve()
    expect(held).toEqual(['one', 'two', 'three'])
  })
})
