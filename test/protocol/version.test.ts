import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { PROTOCOL_VERSION } from '../../src/protocol/index.js'
import { wireSchema } from './json-schema.js'

/**
 * The schema of each version. When this fails, the wire has changed: raise PROTOCOL_VERSION unless an older peer can ignore the change,
 * write it into the history beside the number and into `docs/protocol.md`, and pin the new hash here.
 */
const PINNED: Readonly<Record<number, string>> = {
  1: '915b4213dd437912faac5e216f9934fdafe38ab54e5a0cc864dade16c1b178f1',
}

it('the wire is the one that belongs to its version', () => {
  const hash = createHash('sha256').update(JSON.stringify(wireSchema())).digest('hex')
  expect({ version: PROTOCOL_VERSION, hash }).toEqual({
    version: PROTOCOL_VERSION,
    hash: PINNED[PROTOCOL_VERSION],
  })
})
