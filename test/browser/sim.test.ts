import { expect, inject, it } from 'vitest'
import { simulate } from '../../lab/sim/run.js'
import { SHORT } from './setup/short-sim.js'

it('a simulation plays the same in this browser as in Node: one seed, one trace', {
  timeout: 120_000,
}, async () => {
  const tally = await simulate(SHORT)
  expect(tally.broken).toBeUndefined()
  expect(tally.written).toBeGreaterThan(5)
  expect(tally.hash).toBe(inject('simHash'))
})
