import { describe, it } from 'vitest'
import { createMemoryStorage } from '../../src/adapters/memory.js'
import { storageLaws } from '../../src/testing/laws/storage.js'
import { createMemoryDisk } from '../../src/testing/memory-disk.js'
import { createTimeline } from '../../src/testing/timeline.js'

describe('storage in memory', () => {
  for (const law of storageLaws)
    it(law.name, async () => {
      const storage = createMemoryStorage()
      await law.run({ here: storage, there: storage, name: 'law', pause: () => Promise.resolve() })
    })
})

describe('the disk in memory', () => {
  for (const law of storageLaws)
    it(law.name, async () => {
      const disk = createMemoryDisk()
      const pause = () => Promise.resolve()
      await law.run({ here: disk.storage(), there: disk.storage(), name: 'law', pause })
    })
})

describe('the disk in memory, slow', () => {
  for (const law of storageLaws)
    it(law.name, async () => {
      const timeline = createTimeline({ turns: 1 })
      const disk = createMemoryDisk({ clock: timeline.clock(), latencyMs: 5 })
      let over = false
      const run = law
        .run({ here: disk.storage(), there: disk.storage(), name: 'law', pause: () => timeline.settle() })
        .finally(() => {
          over = true
        })
      while (!over) await timeline.advance(5)
      await run
    })
})
