import { afterAll, expect, it } from 'vitest'
import { describeRedis } from '../support/redis.js'
import { clear, stage } from './defects/bundle.js'
import { defects } from './defects/table.js'

/** What takes longer does not come to an end: so long nothing takes that is as it should be. */
const HANGS_MS = 3_000
/** For tests without a defect, which nothing but a busy machine slows down. */
const PATIENCE_MS = 60_000

describeRedis('defects on purpose', () => {
  afterAll(clear)

  for (const file of new Set(defects.map(({ by }) => by)))
    it(`are what is noticed: nothing else fails in ${file}`, async () => {
      const play = await stage(file)
      expect(await play(expect, PATIENCE_MS)).toBeUndefined()
    })

  it.each(defects)('are noticed: $name', async (defect) => {
    const play = await stage(defect.by, defect)
    expect(await play(expect, HANGS_MS)).toBeDefined()
  })
})
