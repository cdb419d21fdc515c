import { webcrypto } from 'node:crypto'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createCryptoRandom } from '../../../src/adapters/crypto-random.js'
import { numbers } from './steps.js'

describe('ids', () => {
  it('S92: are made where there is no randomUUID, as on plain http', () => {
    const { getRandomValues } = globalThis.crypto
    onTestFinished(() => void vi.unstubAllGlobals())
    vi.stubGlobal('crypto', {
      getRandomValues: (into: Uint8Array<ArrayBuffer>) => getRandomValues.call(webcrypto, into),
    })
    const random = createCryptoRandom()
    const ids = new Set(numbers(1, 1_000).map(() => random.id()))
    expect(ids.size).toBe(1_000)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{21}$/)
  })
})
