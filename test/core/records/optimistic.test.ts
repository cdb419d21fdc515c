import { describe, expect, it, vi } from 'vitest'
import type { TidingsError } from '../../../src/core/errors.js'
import { createOptimisticOn, type OptimisticOptions } from '../../../src/core/records/optimistic.js'
import type { RecordChange } from '../../../src/core/records/records.js'
import { createOptimistic } from '../../../src/index.js'
import { createSeededRandom } from '../../../src/testing/index.js'

interface Card {
  readonly id: string
  readonly name: string
  readonly topic: string | null
  readonly pinned?: readonly string[]
  readonly version?: number
}

const card = (id: string, more: Partial<Card> = {}): Card => ({ id, name: 'General', topic: 'News', ...more })

/** A backend that answers when the test says so, in any order. */
function createBackend(options: Partial<OptimisticOptions<Card>> = {}) {
  const calls: {
    change: RecordChange<Card>
    accept: (record?: Card) => Promise<void>
    refuse: (why?: unknown) => Promise<void>
  }[] = []
  const errors: TidingsError[] = []
  const store = createOptimisticOn<Card>(createSeededRandom(1), {
    key: ({ id }) => id,
    onError: (error) => errors.push(error),
    commit: (change) =>
      new Promise<Card | undefined>((resolve, reject) => {
        calls.push({
          change,
          accept: async (record) => {
            resolve(record)
            await turn()
          },
          refuse: async (why = new Error('refused')) => {
            reject(why)
            await turn()
          },
        })
      }),
    ...options,
  })
  const call = (at: number) => {
    const found = calls[at]
    if (!found) throw new Error(`There was no call ${at}.`)
    return found
  }
  return { store, calls, call, errors }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
type Store = ReturnType<typeof createBackend>['store']
const shown = (store: Store) => store.state.get().items.map(({ record }) => record)
const statuses = (store: Store) => store.state.get().items.map(({ status }) => status)
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    (value) => ({ value }),
    (error: TidingsError) => ({ code: error.code }),
  )

describe('records over a backend', () => {
  it('show a change in the same tick, and keep it once the backend took it', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a')])
    const { settled } = store.update('a', { topic: 'Weather' })
    expect(shown(store)).toEqual([card('a', { topic: 'Weather' })])
    expect(statuses(store)).toEqual(['pending'])
    expect(store.state.get().pending).toBe(1)
    expect(call(0).change).toMatchObject({ kind: 'update', key: 'a', fields: { topic: 'Weather' } })
    const end = settled()
    await call(0).accept()
    expect(await end).toEqual(card('a', { topic: 'Weather' }))
    expect(statuses(store)).toEqual(['confirmed'])
    expect(store.state.get().pending).toBe(0)
  })

  it('S103: two added in one tick are two, with ids that no clock gave; the failure of one removes neither', async () => {
    const { store, call } = createBackend()
    const first = store.add((id) => card(id, { name: 'one' }))
    const second = store.add((id) => card(id, { name: 'two' }))
    expect(first.key).toMatch(/^tmp_.{21}$/)
    expect(first.key).not.toBe(second.key)
    await call(0).refuse()
    await call(1).accept(card('s2', { name: 'two' }))
    expect(shown(store).map(({ name }) => name)).toEqual(['one', 'two'])
    expect(statuses(store)).toEqual(['failed', 'confirmed'])
  })

  it('S103: an answer that comes twice changes nothing', () => {
    const { store } = createBackend({ commit: undefined })
    const { id } = store.add((temporary) => card(temporary))
    expect(store.accept(id, card('s1'))).toBe(true)
    const before = store.state.get()
    expect(store.accept(id, card('s1'))).toBe(false)
    expect(store.refuse(id)).toBe(false)
    expect(store.state.get()).toBe(before)
    expect(Object.keys(before.items)).toEqual(['0'])
  })

  it('S104: a failure takes its own change away, and not the success of a later one', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a')])
    store.update('a', { topic: 'fails' })
    store.update('a', { name: 'holds' })
    await call(1).accept(card('a', { name: 'holds' }))
    await call(0).refuse()
    expect(shown(store)).toEqual([card('a', { name: 'holds' })])
  })

  it('S104: nor what somebody else changed meanwhile, in the same field or in another', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a')])
    store.update('a', { topic: 'fails' })
    store.confirm([card('a', { topic: 'theirs', name: 'theirs' })])
    expect(shown(store)).toEqual([card('a', { topic: 'fails', name: 'theirs' })])
    await call(0).refuse()
    expect(shown(store)).toEqual([card('a', { topic: 'theirs', name: 'theirs' })])
  })

  it('S104: a failed removal brings back the record as it is now', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a'), card('b')])
    store.remove('a')
    expect(shown(store)).toEqual([card('b')])
    store.confirm([card('a', { name: 'theirs' })])
    expect(shown(store)).toEqual([card('b')])
    await call(0).refuse()
    expect(shown(store)).toEqual([card('a', { name: 'theirs' }), card('b')])
    expect(statuses(store)).toEqual(['failed', 'confirmed'])
  })

  it('S105: a failed update leaves no field behind that was not there, and a discarded record is gone', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a')])
    store.update('a', { pinned: ['m1'] })
    const { key } = store.add((id) => card(id))
    await call(0).refuse()
    await call(1).refuse()
    expect(Object.keys(shown(store)[0] ?? {})).toEqual(['id', 'name', 'topic'])
    expect(store.discard(key)).toBe(true)
    expect(shown(store)).toEqual([card('a')])
  })

  it('S106: what the backend never answers stays pending, and can be discarded', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a')])
    const { id, settled } = store.update('a', { topic: 'lost' })
    const end = outcome(settled())
    await turn()
    expect(statuses(store)).toEqual(['pending'])
    expect(store.discard(id)).toBe(true)
    expect(await end).toEqual({ code: 'discarded' })
    expect(shown(store)).toEqual([card('a')])
    expect(store.state.get().pending).toBe(0)
    expect(store.discard(id)).toBe(false)
    // It was taken after all.
    await call(0).accept(card('a', { topic: 'lost' }))
    expect(shown(store)).toEqual([card('a', { topic: 'lost' })])
    expect(statuses(store)).toEqual(['confirmed'])
  })

  it.each(['answer', 'echo answer', 'answer echo', 'echo echo answer', 'answer answer'])(
    'S107: what was added is one record after %s',
    async (order) => {
      const { store, call } = createBackend()
      const { key } = store.add((id) => card(id))
      for (const step of order.split(' '))
        if (step === 'echo') store.confirm([card('s1', { name: 'Server' })])
        else await call(0).accept(card('s1', { name: 'Server' }))
      expect(shown(store)).toEqual([card('s1', { name: 'Server' })])
      expect(statuses(store)).toEqual(['confirmed'])
      expect(store.state.get().items[0]?.key).toBe(key)
    },
  )

  it('S107: what was done to an echo before the answer goes on over the one record', async () => {
    const { store, call } = createBackend()
    const { key } = store.add((id) => card(id))
    store.confirm([card('s1')])
    const { settled } = store.update('s1', { name: 'Renamed' })
    await call(0).accept(card('s1'))
    expect(shown(store)).toEqual([card('s1', { name: 'Renamed' })])
    expect(store.state.get().items[0]).toMatchObject({ key, status: 'pending' })
    const end = settled()
    await call(1).accept()
    expect(await end).toEqual(card('s1', { name: 'Renamed' }))
    expect(statuses(store)).toEqual(['confirmed'])
  })

  it('S107: an echo that names the temporary id is known before the answer', async () => {
    const { store, call } = createBackend({ origin: ({ pinned }) => pinned?.[0] })
    const { key, settled } = store.add((id) => card(id))
    const end = settled()
    store.confirm([card('s1', { pinned: [key] })])
    expect(shown(store).map(({ id }) => id)).toEqual(['s1'])
    expect(statuses(store)).toEqual(['confirmed'])
    expect(await end).toMatchObject({ id: 's1' })
    await call(0).accept(card('s1', { pinned: [key] }))
    expect(shown(store).map(({ id }) => id)).toEqual(['s1'])
    expect(store.state.get().items[0]?.key).toBe(key)
  })

  it('S106: what was given up is shown if it arrives after all, and stays given up if it is refused', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a')])
    const added = store.add((id) => card(id))
    const removed = store.remove('a')
    const updated = store.add((id) => card(id))
    for (const { id } of [added, removed, updated]) store.discard(id)
    expect(shown(store)).toEqual([card('a')])
    await call(2).refuse()
    expect(store.state.get()).toMatchObject({ failed: [], pending: 0 })
    await call(0).accept(card('s1'))
    await call(1).accept()
    expect(shown(store)).toEqual([card('s1')])
    expect(statuses(store)).toEqual(['confirmed'])
  })

  it('S107: an echo under the same id settles what was added, also when its answer was lost', async () => {
    const { store, call } = createBackend()
    const { settled } = store.add(card('mine'))
    const lost = outcome(settled())
    await call(0).refuse(new Error('timed out'))
    expect(await lost).toEqual({ code: 'rejected' })
    store.confirm([card('mine', { name: 'Server' })])
    expect(statuses(store)).toEqual(['confirmed'])
    expect(shown(store)).toEqual([card('mine', { name: 'Server' })])
  })

  it('S108: fields called __proto__ reach no prototype, from the page or from the backend', async () => {
    const { store, call } = createBackend()
    const evil: Partial<Card> = JSON.parse('{"__proto__": {"admin": true}, "topic": "evil"}')
    store.confirm([card('a')])
    store.update('a', evil)
    expect(Object.getPrototypeOf(shown(store)[0])).toBe(Object.prototype)
    await call(0).accept({ ...card('a'), ...evil })
    store.confirm([{ ...card('a'), ...evil, name: 'again' }])
    store.add({ ...card('b'), ...evil })
    for (const record of shown(store)) {
      expect(Object.getPrototypeOf(record)).toBe(Object.prototype)
      expect('admin' in record).toBe(false)
    }
    expect('admin' in {}).toBe(false)
    for (const id of ['__proto__', 'constructor', 'toString']) {
      expect(await outcome(store.update(id, { name: 'x' }).settled())).toEqual({ code: 'not_found' })
      store.confirm([card(id)])
      store.update(id, { name: 'changed' })
      expect(shown(store).find((record) => record.id === id)?.name).toBe('changed')
    }
  })

  it('S109: null is a value, and two changes under way do not clear each other', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a')])
    store.update('a', { topic: null })
    store.update('a', { name: 'Renamed' })
    expect(shown(store)).toEqual([card('a', { topic: null, name: 'Renamed' })])
    expect(store.state.get().pending).toBe(2)
    await call(0).accept()
    expect(store.state.get().pending).toBe(1)
    expect(shown(store)).toEqual([card('a', { topic: null, name: 'Renamed' })])
    await call(1).accept()
    expect(shown(store)).toEqual([card('a', { topic: null, name: 'Renamed' })])
    expect(statuses(store)).toEqual(['confirmed'])
  })

  it('S110: a failure is shown with its reason, and can be tried again or given up', async () => {
    const { store, calls, call } = createBackend()
    store.confirm([card('a')])
    const change = store.update('a', { topic: 'Weather' })
    const first = outcome(change.settled())
    await call(0).refuse(new Error('no'))
    expect(await first).toEqual({ code: 'rejected' })
    const { failed, items } = store.state.get()
    expect(failed).toMatchObject([{ id: change.id, status: 'failed', fields: { topic: 'Weather' } }])
    expect(items[0]?.status).toBe('failed')
    expect(items[0]?.error?.cause).toEqual(new Error('no'))
    expect(shown(store)).toEqual([card('a')])
    expect(store.retry('a')).toBe(true)
    expect(statuses(store)).toEqual(['pending'])
    expect(calls).toHaveLength(2)
    // A repetition: the backend can tell by the id.
    expect(call(1).change.id).toBe(call(0).change.id)
    const second = change.settled()
    await call(1).accept()
    expect(await second).toEqual(card('a', { topic: 'Weather' }))
    expect(store.state.get().failed).toEqual([])
    expect(store.retry('a')).toBe(false)
  })

  it('S110: an attempt that fails late does not fail the one made since', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a')])
    const { id } = store.update('a', { topic: 'Weather' })
    store.refuse(id, new Error('took too long'))
    expect(statuses(store)).toEqual(['failed'])
    store.retry(id)
    await call(0).refuse()
    expect(statuses(store)).toEqual(['pending'])
    await call(1).accept()
    expect(statuses(store)).toEqual(['confirmed'])
  })

  it('keep an error of the application as it is, and take a throw for a refusal', async () => {
    const { store } = createBackend({
      commit: () => {
        throw new Error('at once')
      },
    })
    store.confirm([card('a')])
    const { settled } = store.update('a', { name: 'x' })
    expect(await outcome(settled())).toEqual({ code: 'rejected' })
    expect(statuses(store)).toEqual(['failed'])
  })
})

describe('newer states of a backend', () => {
  it('are not erased by the answer to an older change, with or without versions', async () => {
    for (const version of [undefined, (record: Card) => record.version ?? 0]) {
      const { store, call } = createBackend({ ...(version && { version }) })
      store.confirm([card('a', { version: 1 })])
      store.update('a', { topic: 'mine' })
      store.confirm([card('a', { topic: 'newer', name: 'newer', version: 3 })])
      await call(0).accept(card('a', { topic: 'mine', version: 2 }))
      expect(shown(store)).toMatchObject([{ topic: 'newer', name: 'newer', version: 3 }])
    }
  })

  it('are not erased by an answer without a record, even where versions are', async () => {
    const { store, call } = createBackend({ version: (record) => record.version ?? 0 })
    store.confirm([card('a', { version: 1 })])
    store.update('a', { topic: 'mine', name: 'mine' })
    store.confirm([card('a', { topic: 'newer', version: 3 })])
    await call(0).accept()
    expect(shown(store)).toEqual([card('a', { topic: 'newer', name: 'mine', version: 3 })])
  })

  it('win over what comes late, and over a removal that is older', () => {
    const { store } = createBackend({ version: (record) => record.version ?? 0 })
    store.confirm([card('a', { version: 5 })])
    store.confirm([card('a', { version: 4, name: 'old' })])
    store.confirmRemoved('a', 4)
    expect(shown(store)).toEqual([card('a', { version: 5 })])
    store.confirmRemoved('a', 6)
    store.confirm([card('a', { version: 6 })])
    expect(shown(store)).toEqual([])
    store.confirm([card('a', { version: 7, name: 'made again' })])
    expect(shown(store)).toMatchObject([{ name: 'made again' }])
  })

  it('do not bring back what was removed while a change was under way', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a')])
    const { settled } = store.update('a', { topic: 'mine' })
    const end = settled()
    store.confirmRemoved('a')
    expect(shown(store)).toEqual([])
    expect(store.state.get().pending).toBe(1)
    await call(0).accept(card('a', { topic: 'mine' }))
    expect(await end).toBe(null)
    expect(store.state.get()).toMatchObject({ items: [], pending: 0, failed: [] })
  })

  it('replace the list as a whole when they are one, and leave pending changes alone', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a'), card('b')])
    store.update('b', { name: 'mine' })
    store.add(card('new'))
    store.confirmAll([card('b', { topic: 'theirs' }), card('c')])
    expect(shown(store)).toEqual([card('b', { name: 'mine', topic: 'theirs' }), card('new'), card('c')])
    await call(1).refuse()
    expect(statuses(store)).toEqual(['pending', 'failed', 'confirmed'])
  })
})

describe('the order of changes', () => {
  it('is kept where they touch the same field: the later waits for the earlier', async () => {
    const { store, calls, call } = createBackend()
    store.confirm([card('a')])
    store.update('a', { topic: 'first' })
    store.update('a', { topic: 'second' })
    store.update('a', { name: 'beside' })
    expect(calls.map(({ change }) => change.kind === 'update' && change.fields)).toEqual([
      { topic: 'first' },
      { name: 'beside' },
    ])
    expect(shown(store)).toEqual([card('a', { topic: 'second', name: 'beside' })])
    await call(0).refuse()
    expect(call(2).change).toMatchObject({ fields: { topic: 'second' } })
    await call(2).accept()
    await call(1).accept()
    expect(shown(store)).toEqual([card('a', { topic: 'second', name: 'beside' })])
  })

  it('lets what concerns an added record wait for its id, and go with it when it is given up', async () => {
    const { store, calls, call } = createBackend()
    const { key } = store.add((id) => card(id))
    store.update(key, { name: 'Renamed' })
    expect(calls).toHaveLength(1)
    await call(0).accept(card('s1'))
    expect(call(1).change).toMatchObject({ kind: 'update', key: 's1' })
    expect(shown(store)).toEqual([card('s1', { name: 'Renamed' })])
    await call(1).accept()
    // The temporary id is a name of the record for as long as it is there.
    store.update(key, { topic: 'Later' })
    expect(call(2).change.key).toBe('s1')

    const other = store.add((id) => card(id))
    const update = store.update(other.key, { name: 'x' })
    const end = outcome(update.settled())
    await call(3).refuse()
    expect(calls).toHaveLength(4)
    expect(shown(store)[1]).toMatchObject({ name: 'x' })
    expect(store.discard(other.key)).toBe(true)
    expect(await end).toEqual({ code: 'discarded' })
    expect(store.state.get()).toMatchObject({ pending: 1, failed: [] })
  })

  it('puts a change that is tried again behind those made since', async () => {
    const { store, calls, call } = createBackend()
    store.confirm([card('a')])
    store.update('a', { topic: 'first' })
    await call(0).refuse()
    store.update('a', { topic: 'second' })
    store.retry('a')
    expect(shown(store)[0]?.topic).toBe('first')
    expect(calls).toHaveLength(2)
    await call(1).accept()
    await call(2).accept()
    expect(shown(store)[0]?.topic).toBe('first')
  })

  it('removes a record that is still being added once it is there, and one whose adding failed at once', async () => {
    const { store, calls, call } = createBackend()
    const { key } = store.add((id) => card(id))
    const removed = store.remove(key)
    expect(shown(store)).toEqual([])
    await call(0).accept(card('s1'))
    expect(shown(store)).toEqual([])
    expect(call(1).change).toMatchObject({ kind: 'remove', key: 's1' })
    const end = removed.settled()
    await call(1).accept()
    expect(await end).toBe(null)
    const failed = store.add((id) => card(id))
    await call(2).refuse()
    store.remove(failed.key)
    expect(calls).toHaveLength(3)
    expect(store.state.get()).toMatchObject({ items: [], pending: 0, failed: [] })
  })
})

describe('what is read', () => {
  it('is the same reference until something changed, record by record', async () => {
    const { store, call } = createBackend()
    store.confirm([card('a', { pinned: ['m'] }), card('b')])
    const before = store.state.get()
    expect(store.state.get()).toBe(before)
    store.confirm([card('a', { pinned: ['m'] })])
    expect(store.state.get()).toBe(before)
    store.update('b', { name: 'x' })
    const after = store.state.get()
    expect(after.items[0]).toBe(before.items[0])
    expect(after.items[1]).not.toBe(before.items[1])
    expect(Object.isFrozen(after) && Object.isFrozen(after.items)).toBe(true)
    await call(0).accept(card('b', { name: 'x' }))
    expect(store.state.get().items[1]?.record).toBe(after.items[1]?.record)
    expect(store.state.get().items[0]).toBe(before.items[0])
  })

  it('is told once for all that changed in a tick, to everybody, also behind a listener that throws', async () => {
    const { store, errors } = createBackend()
    const heard = vi.fn()
    store.state.subscribe(() => {
      throw new Error('boom')
    })
    store.state.subscribe(heard)
    store.confirm([card('a')])
    store.confirm([card('b')])
    await turn()
    expect(heard).toHaveBeenCalledTimes(1)
    expect(errors.map(({ code }) => code)).toEqual(['listener'])
  })

  it('stands in the order that the application names', () => {
    const { store } = createBackend({ compare: (a, b) => (a.name < b.name ? -1 : 1) })
    store.confirm([card('1', { name: 'b' }), card('2', { name: 'c' })])
    store.add(card('3', { name: 'a' }))
    expect(shown(store).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })
})

describe('bad input', () => {
  it('is refused with a typed error and changes nothing', () => {
    const { store, calls } = createBackend()
    store.confirm([card('a')])
    const before = store.state.get()
    const nameless: Card = JSON.parse('{"name":"x"}')
    const nothing: Card = JSON.parse('null')
    for (const run of [
      () => store.confirm([card('b'), nameless]),
      () => store.confirmAll([nothing]),
      () => store.add(nameless),
      () => store.add(nothing),
      () => store.add(card('a')),
      () => store.add(card('')),
      () => store.update('a', { id: 'b' }),
    ])
      expect(run).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    expect(store.state.get()).toBe(before)
    expect(calls).toEqual([])
  })

  it('of a backend is told, and the change counts as taken', async () => {
    const { store, call, errors } = createBackend()
    store.confirm([card('a')])
    store.update('a', { name: 'x' })
    await call(0).accept(JSON.parse('{"ok":true}'))
    expect(shown(store)).toEqual([card('a', { name: 'x' })])
    expect(statuses(store)).toEqual(['confirmed'])
    expect(errors.map(({ code }) => code)).toEqual(['invalid_argument'])
  })

  it('of a record that is gone is told to who asks', async () => {
    const { store, calls } = createBackend()
    expect(await outcome(store.update('gone', { name: 'x' }).settled())).toEqual({ code: 'not_found' })
    expect(await outcome(store.remove('gone').settled())).toEqual({ code: 'not_found' })
    expect(store.retry('gone') || store.discard('gone')).toBe(false)
    expect(calls).toEqual([])
    expect(store.state.get().items).toEqual([])
  })

  it('is bounded: more changes than anybody can wait for are refused aloud', () => {
    const { store } = createBackend({ commit: () => new Promise<void>(() => {}) })
    for (let i = 0; i < 1_000; i++) store.add(card(`r${i}`))
    expect(() => store.add(card('one more'))).toThrow(expect.objectContaining({ code: 'outbox_full' }))
    expect(store.state.get().items).toHaveLength(1_000)
  })
})

it('an application needs no source of chance', () => {
  const store = createOptimistic<Card>({ key: ({ id }) => id })
  const { key, id } = store.add((temporary) => card(temporary))
  expect(key).toMatch(/^tmp_/)
  expect(store.accept(id)).toBe(true)
  expect(store.state.get().items.map(({ status }) => status)).toEqual(['confirmed'])
})
