import { describe, expect, it } from 'vitest'
import { type Card, card, createBackend, outcome, shown, statuses } from './cards.js'

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

  it('lets none of the changes of a record leave that are discarded together', async () => {
    const { store, calls, call } = createBackend()
    store.confirm([card('a')])
    const ends = ['first', 'second', 'third'].map((topic) => outcome(store.update('a', { topic }).settled()))
    expect(store.discard('a')).toBe(true)
    expect(await Promise.all(ends)).toEqual([
      { code: 'discarded' },
      { code: 'discarded' },
      { code: 'discarded' },
    ])
    // Only what was under way already may still arrive.
    expect(calls).toHaveLength(1)
    await call(0).accept()
    expect(shown(store)).toEqual([card('a', { topic: 'first' })])
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
