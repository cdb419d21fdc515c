import type { ExpectStatic } from 'vitest'
import { nodeClock } from '../../../src/platform.js'

/**
 * Stands in for vitest where tests are played on code with a defect in it: the same words, but somebody else looks on. Plays until
 * something fails.
 */

type Work = () => unknown
type Hook = 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll'
interface Group {
  readonly name: string
  readonly tests: { readonly name: string; readonly work: Work }[]
  readonly groups: Group[]
  readonly hooks: Readonly<Record<Hook, Work[]>>
}

const newGroup = (name: string): Group => ({
  ...{ name, tests: [], groups: [] },
  hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] },
})
const root = newGroup('')
let current = root
const hook = (which: Hook) => (work: Work) => void current.hooks[which].push(work)

export const beforeAll = hook('beforeAll')
export const beforeEach = hook('beforeEach')
export const afterEach = hook('afterEach')
export const afterAll = hook('afterAll')
/** The tests' own, given by who plays them. */
export let expect: ExpectStatic

export function describe(name: string, fill: () => void): void {
  const around = current
  current = newGroup(name)
  around.groups.push(current)
  fill()
  current = around
}
describe.skipIf = (isSkipped: boolean) => (isSkipped ? () => {} : describe)

export function it(name: string, ...rest: unknown[]): void {
  const work = rest.find((each): each is Work => typeof each === 'function')
  if (work) current.tests.push({ name, work })
}

/** Rejects when it fails or does not come to an end in time. */
const within = (ms: number, work: Work): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const cancel = nodeClock.after(ms, () => reject(new Error('It does not come to an end.')))
    Promise.resolve().then(work).then(resolve, reject).finally(cancel)
  })

interface Around {
  readonly before: readonly Work[]
  readonly after: readonly Work[]
}

/** The first test that fails, and why; undefined when none does. */
async function playGroup(group: Group, around: Around, ms: number): Promise<string | undefined> {
  const { hooks, tests, groups } = group
  const before = [...around.before, ...hooks.beforeEach]
  const after = [...hooks.afterEach, ...around.after]
  const all = async (works: readonly Work[]) => {
    for (const work of works) await within(ms, work)
  }
  /** Each of them, also behind one that fails: what a test has started must not outlive it. What is left behind is nobody's failure. */
  const clear = async (works: readonly Work[]) => {
    for (const work of works) await within(ms, work).catch(() => undefined)
  }
  let failed: string | undefined
  const attempt = async (name: string, works: readonly Work[]) => {
    await all(works).catch((cause: unknown) => {
      failed ??= `${group.name} ${name}: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`
    })
  }
  await attempt('before', hooks.beforeAll)
  for (const { name, work } of tests) {
    if (failed !== undefined) break
    await attempt(name, [...before, work])
    await clear(after)
  }
  for (const each of groups) failed ??= await playGroup(each, { before, after }, ms)
  await clear(hooks.afterAll)
  return failed
}

export function play(by: ExpectStatic, ms: number): Promise<string | undefined> {
  expect = by
  return playGroup(root, { before: [], after: [] }, ms)
}
