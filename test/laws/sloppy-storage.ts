import type { Change, Range, Storage, Store, Stored } from '../../src/core/seams/storage.js'

/**
 * Storage as it is often written in a hurry: a plain object as the map, values shared, no transactions, writes one by one with other
 * work in between, and keys compared the way people sort. It works in a demonstration.
 */
export function createSloppyStorage(): Storage {
  const all: Record<string, Stored> = {}

  function openStore(name: string): Store {
    const watchers: { prefix: string; fn: (keys: readonly string[]) => void }[] = []
    const join = (key: string) => `${name}/${key}`

    function inRange({ gte, lt, limit, reverse }: Range): [string, Stored][] {
      const found = Object.entries(all)
        .map(([key, value]): [string, Stored] => [key.slice(join('').length), value])
        .filter(([key]) => key >= gte && key <= lt)
        .sort(([one], [other]) => one.localeCompare(other))
      const cut = limit ? found.slice(0, limit) : found
      return reverse ? cut.reverse() : cut
    }

    async function write(change: Change): Promise<void> {
      await Promise.resolve()
      if ('put' in change) all[join(change.put)] = change.value
      else if ('del' in change) delete all[join(change.del)]
      else
        for (const [key] of inRange({ gte: change.delRange[0], lt: change.delRange[1] }))
          delete all[join(key)]
      const key = 'put' in change ? change.put : 'del' in change ? change.del : change.delRange[0]
      for (const { prefix, fn } of watchers) if (key.startsWith(prefix)) fn([key])
    }

    return {
      read: async (keys) => keys.map((key) => all[join(key)]),
      scan: async (...ranges) => ranges.flatMap(inRange),
      async transact(readKeys, fn) {
        const values: (Stored | undefined)[] = []
        for (const key of readKeys) values.push(await Promise.resolve(all[join(key)]))
        const { changes, result } = fn(values)
        for (const change of changes) await write(change)
        return result
      },
      watch(prefix, fn) {
        watchers.push({ prefix, fn })
        return () => undefined
      },
      onLost: () => () => undefined,
      close: async () => undefined,
    }
  }

  return {
    kind: 'sloppy',
    durable: false,
    open: async (name) => openStore(name),
    destroy: async () => undefined,
  }
}
