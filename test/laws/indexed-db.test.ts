import 'fake-indexeddb/auto'
import { describe, it } from 'vitest'
import { createIndexedDbStorage } from '../../src/adapters/indexed-db.js'
import { createSystemClock } from '../../src/adapters/system-clock.js'
import { storageLaws } from '../../src/testing/laws/storage.js'

describe('IndexedDB in Node', () => {
  for (const law of storageLaws)
    it(law.name, async () => {
      const [here, there] = [1, 2].map(() => createIndexedDbStorage({ clock: createSystemClock() }))
      const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 1))
      if (here && there) await law.run({ here, there, name: law.name, pause })
    })
})
