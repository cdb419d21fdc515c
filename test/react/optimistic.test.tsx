import { act, cleanup, render, renderHook, screen } from '@testing-library/react'
import { memo, StrictMode } from 'react'
import { afterEach, expect, it } from 'vitest'
import type { RecordItem } from '../../src/core/index.js'
import { createOptimistic } from '../../src/index.js'
import { useOptimistic } from '../../src/react/index.js'

afterEach(cleanup)

interface Card {
  readonly id: string
  readonly name: string | null
}
type Answer = { accept(card?: Card): void; refuse(): void }

function createCards() {
  const answers: Answer[] = []
  const store = createOptimistic<Card>({
    key: ({ id }) => id,
    commit: () =>
      new Promise<Card | undefined>((accept, reject) => {
        answers.push({ accept, refuse: () => reject(new Error('no')) })
      }),
  })
  store.confirm([
    { id: 'a', name: 'A' },
    { id: 'b', name: 'B' },
  ])
  return { store, answers }
}

it('shows a change at once, and what became of it', async () => {
  const { store, answers } = createCards()
  const { result } = renderHook(() => useOptimistic(store), { wrapper: StrictMode })
  await act(async () => void result.current.update('a', { name: 'changed' }))
  expect(result.current.items.map(({ record }) => record.name)).toEqual(['changed', 'B'])
  expect(result.current.pending).toBe(1)
  await act(async () => answers[0]?.refuse())
  expect(result.current.items.map(({ record, status }) => [record.name, status])).toEqual([
    ['A', 'failed'],
    ['B', 'confirmed'],
  ])
  expect(result.current.failed).toMatchObject([{ fields: { name: 'changed' } }])
  await act(async () => void result.current.retry('a'))
  await act(async () => answers[1]?.accept())
  expect(result.current.items[0]?.record.name).toBe('changed')
  expect(result.current.failed).toEqual([])
})

it('S109: shows null as a value, two submissions beside each other, and that something is pending', async () => {
  const { store, answers } = createCards()
  const { result } = renderHook(() => useOptimistic(store))
  await act(async () => {
    result.current.update('a', { name: null })
    result.current.update('b', { name: 'second' })
  })
  expect(result.current.items.map(({ record }) => record.name)).toEqual([null, 'second'])
  expect(result.current.pending).toBe(2)
  await act(async () => answers[0]?.accept())
  expect(result.current.items.map(({ record }) => record.name)).toEqual([null, 'second'])
  expect(result.current.pending).toBe(1)
})

it('renders only the rows that changed, and gives the same functions and the same object until something did', async () => {
  const { store } = createCards()
  const renders: string[] = []
  const RowView = memo(({ item }: { item: RecordItem<Card> }) => {
    renders.push(item.record.id)
    return <li>{item.record.name}</li>
  })
  const seen: ReturnType<typeof useOptimistic<Card>>[] = []
  function List() {
    const cards = useOptimistic(store)
    seen.push(cards)
    return cards.items.map((item) => <RowView key={item.key} item={item} />)
  }
  const { rerender } = render(<List />)
  rerender(<List />)
  expect(seen.at(-1)).toBe(seen[0])
  await act(async () => void store.update('b', { name: 'changed' }))
  expect(screen.getByText('changed')).toBeTruthy()
  expect(renders).toEqual(['a', 'b', 'b'])
  expect(seen.at(-1)?.update).toBe(seen[0]?.update)
})

it('is gone without a trace when the component is', async () => {
  const { store } = createCards()
  const { result, unmount } = renderHook(() => useOptimistic(store))
  const before = result.current
  unmount()
  await act(async () => void store.update('a', { name: 'x' }))
  expect(result.current).toBe(before)
})
