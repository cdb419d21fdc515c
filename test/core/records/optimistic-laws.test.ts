import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOptimisticOn } from '../../../src/core/records/optimistic.js'
import type { RecordChange } from '../../../src/core/records/records.js'
import { createSeededRandom } from '../../../src/testing/index.js'

interface Row {
  readonly id: string
  readonly a: number
  readonly b: number
  readonly version: number
}

type Change = RecordChange<Row>
type Step =
  | { readonly do: 'add' }
  | { readonly do: 'update'; readonly row: number; readonly field: 'a' | 'b'; readonly value: number }
  | { readonly do: 'remove'; readonly row: number }
  | { readonly do: 'theirs'; readonly row: number; readonly field: 'a' | 'b'; readonly value: number }
  | { readonly do: 'reach' | 'answer' | 'refuse' | 'hear'; readonly which: number }

const at = fc.nat(5)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const) }),
  fc.record({
    do: fc.constantFrom('update' as const, 'theirs' as const),
    row: at,
    field: fc.constantFrom('a' as const, 'b' as const),
    value: fc.integer({ min: 1, max: 99 }),
  }),
  fc.record({ do: fc.constant('remove' as const), row: at }),
  fc.record({
    do: fc.constantFrom(
      'reach' as const,
      'reach' as const,
      'answer' as const,
      'refuse' as const,
      'hear' as const,
    ),
    which: at,
  }),
)

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A backend with versions, whose answers and echoes travel on their own and arrive in any order. */
function createWorld(withRecords: boolean) {
  const rows = new Map<string, Row>()
  const gone = new Map<string, number>()
  let versions = 0
  let ids = 0
  /** Changes on their way to the backend, answers on their way back, and states on their way to whoever listens. */
  const calls: { change: Change; resolve(row: Row | undefined): void; reject(why: Error): void }[] = []
  const answers: (() => void)[] = []
  const echoes: (() => void)[] = []
  const store = createOptimisticOn<Row>(createSeededRandom(7), {
    key: ({ id }) => id,
    version: ({ version }) => version,
    commit: (change) =>
      new Promise<Row | undefined>((resolve, reject) => calls.push({ change, resolve, reject })),
  })

  function write(row: Row): Row {
    const next = { ...row, version: ++versions }
    rows.set(row.id, next)
    echoes.push(() => store.confirm([next]))
    return next
  }

  function erase(id: string): void {
    if (!rows.delete(id)) return
    const version = ++versions
    gone.set(id, version)
    echoes.push(() => store.confirmRemoved(id, version))
  }

  /** The backend does what it was asked; what is gone stays gone. */
  function perform(change: Change): Row | undefined {
    if (change.kind === 'add') return write({ ...change.record, id: `s${++ids}` })
    const row = rows.get(change.key)
    if (change.kind === 'remove') erase(change.key)
    else if (row) return write({ ...row, ...change.fields })
    return undefined
  }

  return {
    ...{ rows, store, write, erase, calls, answers, echoes },
    reach(which: number) {
      const [call] = calls.splice(which % Math.max(1, calls.length), 1)
      if (!call) return
      const row = perform(call.change)
      answers.push(() => call.resolve(withRecords || call.change.kind === 'add' ? row : undefined))
    },
  }
}

type World = ReturnType<typeof createWorld>
const take = (list: (() => void)[], which: number) => list.splice(which % Math.max(1, list.length), 1)[0]?.()

function play({ store, ...world }: World, now: Step): void {
  const { items } = store.state.get()
  const mine = 'row' in now ? items[now.row % Math.max(1, items.length)]?.record : undefined
  const row = 'row' in now ? [...world.rows.values()][now.row % Math.max(1, world.rows.size)] : undefined
  if (now.do === 'add') store.add((id) => ({ id, a: 0, b: 0, version: 0 }))
  else if (now.do === 'update' && mine) store.update(mine.id, { [now.field]: now.value })
  else if (now.do === 'remove' && mine) store.remove(mine.id)
  else if (now.do === 'theirs' && row) world.write({ ...row, [now.field]: now.value })
  else if (now.do === 'reach') world.reach(now.which)
  else if (now.do === 'answer') take(world.answers, now.which)
  else if (now.do === 'hear') take(world.echoes, now.which)
  else if (now.do === 'refuse')
    world.calls.splice(now.which % Math.max(1, world.calls.length), 1)[0]?.reject(new Error('no'))
}

/** Everything arrives, and what failed is given up. */
async function settle(world: World): Promise<void> {
  for (let round = 0; round < 60; round++) {
    for (const { id } of world.store.state.get().failed) world.store.discard(id)
    world.reach(0)
    take(world.answers, 0)
    take(world.echoes, 0)
    await turn()
    if (world.store.state.get().pending + world.echoes.length === 0) return
  }
}

describe('records over a backend whose answers and echoes come in any order', () => {
  it.each([true, false])('end as the backend has them; answers with records: %s', async (withRecords) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = createWorld(withRecords)
        for (const now of steps) {
          play(world, now)
          await turn()
          const { items } = world.store.state.get()
          expect(new Set(items.map(({ key }) => key)).size).toBe(items.length)
        }
        await settle(world)
        const { items, pending, failed } = world.store.state.get()
        expect({ pending, failed }).toEqual({ pending: 0, failed: [] })
        const byId = (a: Row, b: Row) => (a.id < b.id ? -1 : 1)
        expect(items.map(({ record }) => record).sort(byId)).toEqual([...world.rows.values()].sort(byId))
        expect(items.every(({ status }) => status === 'confirmed')).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
