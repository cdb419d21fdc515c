import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { createClaims } from '../../../src/core/messages/claims.js'
import type { Entry } from '../../../src/core/messages/entry.js'

const NOW = 1_000_000_000
const HOUR_MS = 3_600_000
const late = () => {
  const claims = createClaims('mine', () => NOW)
  claims.play('late')
  return claims
}
const entry = (more: Partial<Entry>): Entry => ({
  ...{ id: 'o1', room: 'general', kind: 'create', stamp: '0'.repeat(24), createdAt: NOW, bytes: 2 },
  ...{ state: 'queued', attempts: 0, at: 0 },
  ...more,
})

describe('a tab that sends what another one should have sent', () => {
  it('leaves it to the other one for as long as a claim is respected', () => {
    expect(late().yieldMs(entry({ createdAt: NOW - 4_000 }))).toBe(LIMITS.claimLeaseMs - 4_000)
    expect(late().yieldMs(entry({ claim: { by: 'other', at: NOW - 1_000 } }))).toBe(
      LIMITS.claimLeaseMs - 1_000,
    )
    expect(late().yieldMs(entry({ createdAt: NOW - HOUR_MS }))).toBeLessThanOrEqual(0)
  })

  it('does not wait for a time that a clock gave before it was set back', () => {
    expect(late().yieldMs(entry({ createdAt: NOW + 3 * HOUR_MS }))).toBeLessThanOrEqual(0)
    expect(late().yieldMs(entry({ claim: { by: 'other', at: NOW + HOUR_MS } }))).toBeLessThanOrEqual(0)
    // Two tabs that heard the server at different moments are not an hour apart.
    expect(late().yieldMs(entry({ createdAt: NOW + 2_000 }))).toBe(LIMITS.claimLeaseMs + 2_000)
  })
})
