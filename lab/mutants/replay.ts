import { availableParallelism } from 'node:os'
import { createBundler } from './bundle.js'
import { inParallel } from './in-parallel.js'
import { type Kills, promiseOf } from './kills.js'
import type { Mutant } from './mutant.js'
import type { Storm } from './storm.js'
import { trial } from './trial.js'

/** What became of a mutant. */
export interface Outcome {
  readonly name: string
  /** `no mutant`: it does not work without faults either. `never killed`: no search has found a storm for it. */
  readonly is: 'killed' | 'survived' | 'no mutant' | 'never killed'
  /** The promise that was broken. */
  readonly promise?: string
  readonly storm?: Storm
  readonly says?: string
}

/** Runs each mutant through the storms that killed it when it was searched for. */
export async function replay(
  root: string,
  mutants: readonly Mutant[],
  kills: Kills,
  tell: (outcome: Outcome) => void = () => undefined,
): Promise<readonly Outcome[]> {
  const bundler = await createBundler(root)

  async function one(mutant: Mutant): Promise<Outcome> {
    const { name } = mutant
    const storms = kills[name]?.storms
    if (!storms) return { name, is: 'never killed' }
    const { calm, kill } = await trial(await bundler.bundle(mutant), storms)
    if (calm !== undefined) return { name, is: 'no mutant', says: calm }
    return kill ? { name, is: 'killed', promise: promiseOf(kill.says), ...kill } : { name, is: 'survived' }
  }

  try {
    return await inParallel(mutants, availableParallelism(), async (mutant) => {
      const outcome = await one(mutant)
      tell(outcome)
      return outcome
    })
  } finally {
    await bundler.end()
  }
}

/** The code as it is shipped, in the same storms: what it does not survive kills no mutant. Undefined when every promise held. */
export async function control(root: string, storms: readonly Storm[]): Promise<string | undefined> {
  const bundler = await createBundler(root)
  try {
    const code = await bundler.bundle()
    const shares = Array.from({ length: availableParallelism() }, (_, share) =>
      storms.filter((_storm, i) => i % availableParallelism() === share),
    )
    for (const { calm, kill } of await inParallel(shares, shares.length, (share) => trial(code, share))) {
      if (calm !== undefined) return calm
      if (kill) return `seed ${kill.storm.seed}, ${kill.storm.minutes} minutes: ${kill.says}`
    }
    return undefined
  } finally {
    await bundler.end()
  }
}

/** Each of the storms once. */
export const stormsOf = (outcomes: readonly Outcome[]): readonly Storm[] => {
  const storms = new Map<string, Storm>()
  for (const { storm } of outcomes) if (storm) storms.set(`${storm.seed} ${storm.minutes}`, storm)
  return [...storms.values()]
}
