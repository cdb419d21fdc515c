import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { CANARY_STORM, canary } from '../../lab/mutants/canary.js'
import { mutants } from '../../lab/mutants/defects/index.js'
import { readKills } from '../../lab/mutants/kills.js'
import { control, type Outcome, replay, stormsOf } from '../../lab/mutants/replay.js'
import { explained } from '../../lab/mutants/survivors.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const TIMEOUT_MS = 600_000

describe('the simulation notices', () => {
  const outcomes = new Map<string, Outcome>()
  let survivors: readonly string[] = []

  beforeAll(async () => {
    survivors = await explained(root)
    const played = mutants.filter(({ name }) => !survivors.includes(name))
    for (const outcome of await replay(root, played, await readKills(root)))
      outcomes.set(outcome.name, outcome)
  }, TIMEOUT_MS)

  it.each(mutants.map(({ name }) => name))('%s', (name) => {
    if (survivors.includes(name)) return
    // Not killed any more? The code has moved under its storms: npm run mutants -- --search "NAME"
    expect(outcomes.get(name)).toMatchObject({ is: 'killed' })
  })

  it('nothing in the code as it is shipped', { timeout: TIMEOUT_MS }, async () => {
    const storms = stormsOf([...outcomes.values()])
    expect(storms.length).toBeGreaterThan(0)
    expect(await control(root, storms)).toBeUndefined()
  })

  it('a canary', { timeout: TIMEOUT_MS }, async () => {
    const kills = { [canary.name]: { promise: 'I4', says: '', storms: [CANARY_STORM] } }
    expect(await replay(root, [canary], kills)).toMatchObject([{ is: 'killed' }])
  })
})
