import { expect, it } from 'vitest'
import { LawBroken } from '../../src/testing/laws/law.js'
import { storageLaws } from '../../src/testing/laws/storage.js'
import { createSloppyStorage } from './sloppy-storage.js'

it('storage written in a hurry breaks at least half of the laws', async () => {
  const broken: string[] = []
  for (const law of storageLaws) {
    const storage = createSloppyStorage()
    const setup = { here: storage, there: storage, name: 'law', pause: () => Promise.resolve() }
    await law.run(setup).catch((error: unknown) => {
      expect(error).toBeInstanceOf(LawBroken)
      broken.push(law.name)
    })
  }
  expect(broken.length).toBeGreaterThanOrEqual(storageLaws.length / 2)
})
