import { describe, expect, it } from 'vitest'
import { createStoreLife } from '../../../src/core/storage/store-life.js'

describe('the life of a store', () => {
  it('tells every watcher although one throws, and lets what it threw be seen', () => {
    const life = createStoreLife('s')
    const told: string[] = []
    life.watch('', (keys) => told.push(`first ${keys.join()}`))
    life.watch('', () => {
      throw new Error('from a watcher')
    })
    life.watch('b', (keys) => told.push(`last ${keys.join()}`))
    expect(() => life.told(['a', 'b'])).toThrow('from a watcher')
    expect(told).toEqual(['first a,b', 'last b'])
  })

  it('is lost once, and tells those who ask too late as well', async () => {
    const life = createStoreLife('s')
    const told: string[] = []
    life.onLost((why) => told.push(`early ${why}`))
    life.lose('emptied')
    life.lose('closed')
    life.onLost((why) => told.push(`late ${why}`))
    const stop = life.onLost((why) => told.push(`stopped ${why}`))
    stop()
    await Promise.resolve()
    expect(told).toEqual(['early emptied', 'late emptied'])
    await expect(life.call(() => Promise.resolve(1))).rejects.toMatchObject({ code: 'closed' })
  })

  it('is not lost any more once it was closed', async () => {
    const life = createStoreLife('s')
    const told: string[] = []
    life.onLost((why) => told.push(why))
    await life.close()
    life.lose('closed')
    expect([told, life.open]).toEqual([[], false])
  })
})
