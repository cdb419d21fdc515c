import {
  createClient,
  createOptimistic,
  type Optimistic,
  type Records,
  type RoomRecords,
  recordBody,
  recordsOf,
  type VectorClock,
  vectorClock,
} from 'tidings'
import { useOptimistic } from 'tidings/react'
import * as v from 'valibot'
import { type Equal, expectType } from './expect.js'

/* Types of records, as an application meets them. Nothing here runs: the type check reads it, and each @ts-expect-error must be one. */

interface Task {
  readonly id: string
  readonly title: string
  readonly due: string | null
}
const isTask = (value: unknown): value is Task =>
  typeof value === 'object' && value !== null && 'title' in value
const key = ({ id }: Task) => id

export function overAnyBackend(): void {
  const tasks = createOptimistic<Task>({
    key,
    version: ({ title }) => title.length,
    commit: async (change) => {
      if (change.kind === 'add') return change.record
      // @ts-expect-error only what was added has a record
      change.record.title
      if (change.kind === 'update') expectType<Equal<typeof change.fields, Partial<Task>>>(true)
      return undefined
    },
  })
  expectType<Equal<typeof tasks, Optimistic<Task>>>(true)
  tasks.add((id) => ({ id, title: 'Bread', due: null }))
  tasks.update('t1', { due: null })
  // @ts-expect-error a record has all its fields
  tasks.add({ id: 't1', title: 'Bread' })
  // @ts-expect-error a title is a text
  tasks.update('t1', { title: 42 })
  // @ts-expect-error there is no such field
  tasks.update('t1', { colour: 'red' })
  // @ts-expect-error what is shown is not changed in place
  tasks.state.get().items[0].record.title = 'x'
  createOptimistic<Task>({ key, commit: () => Promise.resolve() })
  // @ts-expect-error an answer is the record, or nothing
  createOptimistic<Task>({ key, commit: () => Promise.resolve('ok') })
}

export function overARoom(): void {
  const options = { url: 'wss://example.org/v1/ws', user: 'alice', token: () => 'token' }
  const plain = createClient(options)
  const tasks = recordsOf<Task>(plain.room('tasks'), { key, is: isTask })
  expectType<Equal<typeof tasks, RoomRecords<Task>>>(true)
  expectType<Equal<ReturnType<typeof tasks.state.get>['complete'], boolean>>(true)
  const chat = createClient({ ...options, body: v.object({ text: v.string() }) })
  recordsOf<Task>(chat.room('tasks', { body: recordBody }), { key, is: isTask })
  const talk = chat.room('talk')
  // @ts-expect-error the bodies of this room are texts
  recordsOf<Task>(talk, { key, is: isTask })
}

export function InReact(records: Records<Task>) {
  const { items, failed, pending, update, retry } = useOptimistic(records)
  expectType<Equal<typeof pending, number>>(true)
  const [item] = items
  if (item) update(item.key, { title: item.record.title.trim() })
  for (const change of failed) retry(change.id)
  // @ts-expect-error a component tells nobody what the backend has
  useOptimistic(records).confirm([])
}

export function clocks(): void {
  const clock: VectorClock = vectorClock.increment({}, 'phone')
  expectType<Equal<ReturnType<typeof vectorClock.compare>, 'before' | 'after' | 'concurrent' | 'equal'>>(true)
  // @ts-expect-error a clock is never changed in place
  clock['phone'] = 2
  // @ts-expect-error counts are numbers
  vectorClock.merge(clock, { laptop: '1' })
}
