import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Platform, Storage, Store } from 'tidings/core'
import type { Log } from 'tidings-server/core'
import { describe, expect, it } from 'vitest'
import type { FaultName } from '../../lab/matrix/faults.js'
import { playAll } from '../../lab/matrix/matrix.js'
import { casesOf, discover, nameOf, runCase } from '../../lab/matrix/run.js'
import { scenes } from '../../lab/matrix/scenes/index.js'
import type { Plant } from '../../lab/matrix/stage.js'
import { root } from '../checks/sources.js'

/** What a thread runs, in one file: threads know nothing of sources. Gives its address. */
async function bundle(): Promise<string> {
  const outfile = join(root, '.out/matrix-work.mjs')
  await build({
    ...{ entryPoints: [join(root, 'lab/matrix/work.ts')], outfile, tsconfig: join(root, 'tsconfig.json') },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', sourcemap: true },
  })
  return pathToFileURL(outfile).href
}

const named = (name: string) => {
  const scene = scenes.find((each) => each.name === name)
  if (!scene) throw new Error(`There is no scene ${name}.`)
  return scene
}

/** The first case of a scene, with this fault, that breaks a promise. */
async function firstBroken(name: string, fault: FaultName, plant: Plant): Promise<string | undefined> {
  const scene = named(name)
  for (const each of casesOf(scene, await discover(scene, plant))) {
    if (each.fault !== fault) continue
    const why = await runCase(each, { plant })
    if (why !== undefined) return `${nameOf(each)}: ${why}`
  }
  return undefined
}

/** A device that says "done" before it has written anything. */
function hasty(platform: Platform): Platform {
  const store = (inner: Store): Store => ({
    ...inner,
    transact(keys, fn, durability) {
      return inner.read(keys).then((values) => {
        inner.transact(keys, fn, durability).catch(() => undefined)
        return fn(values).result
      })
    },
  })
  const storage: Storage = {
    ...platform.storage,
    open: async (name) => store(await platform.storage.open(name)),
  }
  return { ...platform, storage }
}

/** A log that takes an operation that it has for another one. */
function forgetful(log: Log): Log {
  const seen = new Map<string, number>()
  return {
    ...log,
    append: (operations) =>
      log.append(
        operations.map((operation) => {
          const times = seen.get(operation.id) ?? 0
          seen.set(operation.id, times + 1)
          return times === 0 ? operation : { ...operation, id: `${operation.id}-${times}` }
        }),
      ),
  }
}

describe('the drop matrix', () => {
  it('keeps every promise, whichever fault strikes at whichever moment', { timeout: 600_000 }, async () => {
    const tally = await playAll([], await bundle())
    expect(tally.broken).toEqual([])
    // What a scene is about was there to be struck.
    expect(tally.scenes.filter(({ missing }) => missing.length > 0)).toEqual([])
    expect(tally.scenes.map(({ scene }) => scene)).toEqual(scenes.map(({ name }) => name))
    expect(tally.cases).toBeGreaterThanOrEqual(2_000)
  })

  it('gives every point a name of its own, and meets the same ones again', { timeout: 60_000 }, async () => {
    const scene = named('start-together')
    const points = (await discover(scene)).map(({ name }) => name)
    expect(new Set(points).size).toBe(points.length)
    expect((await discover(scene)).map(({ name }) => name)).toEqual(points)
  })

  it('catches a server that takes an operation twice', { timeout: 60_000 }, async () => {
    expect(await firstBroken('send', 'lose', { log: forgetful })).toContain('I3')
  })

  it('catches a device that says "done" too early', { timeout: 60_000 }, async () => {
    expect(await firstBroken('send', 'crash', { seams: hasty })).toContain('I1')
  })
})
