import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { createBundler } from './bundle.js'
import { CANARY_STORM, canary } from './canary.js'
import { mutants } from './defects/index.js'
import { inParallel } from './in-parallel.js'
import { type Kill, type Kills, readKills, writeKills } from './kills.js'
import type { Mutant } from './mutant.js'
import { control, type Outcome, replay, stormsOf } from './replay.js'
import { type Found, search } from './search.js'
import { SEEDS } from './storm.js'
import { explained } from './survivors.js'

const HELP = `Deliberate defects of client and server, each of which the simulation has to notice.

Usage: npm run mutants -- [options] [words of names]

  --replay          Plays each mutant in the storm that killed it, and the shipped code in all of them. The default.
  --search          Looks for storms that kill, and writes them to lab/mutants/killed.json.
  --seeds NUMBER    How many seeds a search tries for each mutant. Default ${SEEDS}.
  --json            Prints the result as JSON and nothing else.

Words narrow it to mutants in whose name one of them occurs.
Exit: 0 every mutant is dead or explained; 1 one is not, or the shipped code broke a promise; 3 it could not run.
`

interface Asked {
  readonly root: string
  readonly chosen: readonly Mutant[]
  readonly isJson: boolean
}

const stormText = ({ storm }: Outcome): string => (storm ? `${storm.seed} (${storm.minutes} min)` : '')

const line = (outcome: Outcome): string =>
  `${outcome.name.padEnd(64)} ${(outcome.promise ?? outcome.is).padEnd(12)} ${stormText(outcome).padEnd(12)} ${outcome.says?.split('\n')[0] ?? ''}`

const HEAD = `${'mutant'.padEnd(64)} ${'promise'.padEnd(12)} ${'seed'.padEnd(12)} what showed it`

function print(asked: Asked, outcomes: readonly Outcome[], wrong: readonly string[]): void {
  const killed = outcomes.filter(({ is }) => is === 'killed').length
  if (asked.isJson) return console.log(JSON.stringify({ outcomes, wrong }))
  console.log([HEAD, ...outcomes.map(line)].join('\n'))
  console.log(`\n${killed} of ${outcomes.length} killed.`)
  for (const each of wrong) console.log(each)
}

/** What is alive and not explained. */
async function unexplained(root: string, outcomes: readonly Outcome[]): Promise<readonly string[]> {
  const known = await explained(root)
  return outcomes
    .filter(({ name, is }) => is !== 'killed' && !(known.includes(name) && is !== 'no mutant'))
    .map(({ name, is, says = '' }) => `"${name}": ${is} ${says}`.trim())
}

async function replayed(asked: Asked): Promise<number> {
  const { root, chosen } = asked
  const outcomes = await replay(root, chosen, await readKills(root))
  const held = await control(root, stormsOf(outcomes))
  const [bird] = await replay(root, [canary], {
    canary: { promise: 'I4', says: '', storms: [CANARY_STORM] },
  })
  const wrong = [
    ...(await unexplained(root, outcomes)),
    ...(held === undefined ? [] : [`The shipped code broke a promise: ${held}`]),
    ...(bird?.is === 'killed' ? [] : ['The canary was not caught: nothing here means anything.']),
  ]
  print(asked, outcomes, wrong)
  return wrong.length > 0 ? 1 : 0
}

const outcomeOf = (name: string, found: Found): Outcome => {
  if (found.is === 'no mutant') return { name, is: found.is, says: found.says }
  if (found.is === 'survived') return { name, is: found.is }
  const { promise, says, storms } = found.kill
  return { name, is: 'killed', promise, says, ...(storms[0] && { storm: storms[0] }) }
}

/** What was found is written after each mutant: a search that is ended keeps what it has. */
async function searched(asked: Asked, seeds: number): Promise<number> {
  const { root, chosen, isJson } = asked
  let kills: Kills = await readKills(root)
  const names = mutants.map(({ name }) => name)
  const bundler = await createBundler(root)
  let written: Promise<void> = Promise.resolve()

  function keep(name: string, kill: Kill | undefined): Promise<void> {
    const { [name]: _before, ...others } = kills
    kills = kill ? { ...others, [name]: kill } : others
    written = written.then(() => writeKills(root, kills, names))
    return written
  }

  try {
    const shipped = await bundler.bundle()
    const outcomes = await inParallel(chosen, availableParallelism(), async (mutant) => {
      const found = await search(await bundler.bundle(mutant), shipped, seeds)
      await keep(mutant.name, found.is === 'killed' ? found.kill : undefined)
      const outcome = outcomeOf(mutant.name, found)
      if (!isJson) console.log(line(outcome))
      return outcome
    })
    const wrong = await unexplained(root, outcomes)
    print(asked, outcomes, wrong)
    return wrong.length > 0 ? 1 : 0
  } finally {
    await bundler.end()
  }
}

/** Runs as a program and gives its exit code. */
export async function main(words: readonly string[], root: string): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        replay: { type: 'boolean', default: false },
        search: { type: 'boolean', default: false },
        seeds: { type: 'string', default: String(SEEDS) },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    if (values.replay && values.search) throw new Error('--replay and --search are two things.')
    const seeds = Number(values.seeds)
    if (!Number.isInteger(seeds) || seeds < 1)
      throw new Error(`--seeds takes a number from 1, not "${values.seeds}".`)
    const chosen = mutants.filter(
      ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
    )
    if (chosen.length === 0) throw new Error('No mutant has such a name.')
    const asked = { root, chosen, isJson: values.json }
    return values.search ? await searched(asked, seeds) : await replayed(asked)
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return 3
  }
}
