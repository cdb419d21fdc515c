import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { PROTOCOL_VERSION } from '../../src/protocol/index.js'
import { wireSchema } from './json-schema.js'

/**
 * The schema of each version. When this fails, the wire has changed: raise PROTOCOL_VERSION unless an older peer can ignore the change,
 * write it into the history beside the number and into `docs/protocol.md`, and pin the new hash here.
 */
const PINNED: Readonly<Record<number, string>> = {
  1: 'da0631941736f6c17ebf6469b44c49b521a1c8a2bc14a86132399ea56a5d740f',
}

it('the wire is the one that belongs to its version', () => {
  const hash = createHash('sha256').update(JSON.stringify(wireSchema())).digest('hex')
  expect({ version: PROTOCOL_VERSION, hash }).toEqual({
    version: PROTOCOL_VERSION,
    hash: PINNED[PROTOCOL_VERSION],
  })
})
