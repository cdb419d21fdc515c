import { describe, it } from 'vitest'
import { lifecycleLaws } from '../../src/testing/laws/lifecycle.js'
import { locksLaws } from '../../src/testing/laws/locks.js'
import { createPuppetLifecycle } from '../../src/testing/lifecycle.js'
import { createMemoryLocks } from '../../src/testing/locks.js'

describe('locks in memory', () => {
  for (const law of locksLaws)
    it(law.name, async () => {
      const locks = createMemoryLocks()
      await law.run({
        here: locks.context(),
        there: locks.context(),
        name: 'law',
        pause: () => Promise.resolve(),
      })
    })
})

describe('the puppet page', () => {
  for (const law of lifecycleLaws)
    it(law.name, async () => {
      const lifecycle = createPuppetLifecycle()
      await law.run({ lifecycle, provoke: () => lifecycle.signal('online') })
    })
})
