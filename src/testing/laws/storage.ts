import { contentLaws } from './storage-content.js'
import type { StorageLaw } from './storage-setup.js'
import { sharingLaws } from './storage-sharing.js'
import { writingLaws } from './storage-writing.js'

/**
 * What every storage adapter must do, one law each. Run them with any test runner:
 * `for (const law of storageLaws) it(law.name, () => law.run({ here, there, name, pause }))`.
 */
export const storageLaws: readonly StorageLaw[] = [...contentLaws, ...writingLaws, ...sharingLaws]
