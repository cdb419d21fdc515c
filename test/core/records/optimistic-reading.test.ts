import { describe, expect, it, vi } from 'vitest'
import { type Card, card, createBackend, outcome, shown, statuses, turn } from './cards.js'

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
