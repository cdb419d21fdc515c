// A disk whose values lie outside of the heap, so that what grows in the heap is the client's. Otherwise as `createMemoryStorage` has it.
import { deserialize, serialize } from 'node:v8'

const keysBetween = (values, { gte, lt, limit = Number.POSITIVE_INFINITY, reverse = false }) => {
  const keys = [...values.keys()].filter((key) => key >= gte && key < lt).sort()
  if (reverse) keys.reverse()
  return keys.slice(0, limit)
}

const apply = (values, change) => {
  if ('put' in change) values.set(change.put, serialize(change.value))
  else if ('del' in change) values.delete(change.del)
  else {
    const [gte, lt] = change.delRange
    for (const key of keysBetween(values, { gte, lt })) values.delete(key)
  }
}

const openStore = (values) => {
  const stored = (key) => (values.has(key) ? deserialize(values.get(key)) : undefined)
  const stop = () => undefined
  return {
    read: async (keys) => keys.map(stored),
    scan: async (...ranges) =>
      ranges.flatMap((range) => keysBetween(values, range)).map((key) => [key, stored(key)]),
    async transact(readKeys, fn) {
      // Nothing happens inside the call, as on a real disk.
      await null
      const { changes, result } = fn(readKeys.map(stored))
      for (const change of changes) apply(values, change)
      return result
    },
    watch: () => stop,
    onLost: () => stop,
    close: async () => undefined,
  }
}

/** For one context. */
export const createOutsideStorage = () => {
  const disks = new Map()
  return {
    kind: 'outside',
    durable: true,
    async open(name) {
      if (!disks.has(name)) disks.set(name, new Map())
      return openStore(disks.get(name))
    },
    async destroy(name) {
      disks.delete(name)
    },
  }
}
