import { describe, expect, it } from 'vitest'
import { createOptimistic } from '../../../src/index.js'
import { type Card, card, createBackend, outcome, shown, statuses, turn } from './cards.js'

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

it('an application needs no source of chance', () => {
  const store = createOptimistic<Card>({ key: ({ id }) => id })
  const { key, id } = store.add((temporary) => card(temporary))
  expect(key).toMatch(/^tmp_/)
  expect(store.accept(id)).toBe(true)
  expect(store.state.get().items.map(({ status }) => status)).toEqual(['confirmed'])
})
