import { afterEach, describe, expect, it } from 'vitest'
import type { StorageStatus } from '../../src/core/api.js'
import { LIMITS } from '../../src/core/limits.js'
import type { Storage } from '../../src/core/seams/storage.js'
import { createVault } from '../../src/core/vault.js'
import { createMemoryDisk } from '../../src/testing/memory-disk.js'
import { createTimeline } from '../../src/testing/timeline.js'

let timeline = createTimeline()
let disk = createMemoryDisk()
afterEach(() => {
  disk = createMemoryDisk()
  timeline = createTimeline()
})

function vaulted(storage: Storage = disk.storage()) {
  const told: StorageStatus[] = []
  const vault = createVault({
    ...{ storage, name: 'store', clock: timeline.clock(), givesUpWrites: false, onFull: async () => false },
    onStatus: (status) => told.push(status),
  })
  return { vault, told, states: () => told.map(({ state }) => state) }
}

describe('a vault', () => {
  it('opens nothing until it is asked, and then once for everybody', async () => {
    const { vault, states } = vaulted()
    expect(states()).toEqual([])
    const [one, two] = await Promise.all([vault.open(), vault.open()])
    expect(one).toBe(two)
    expect(disk.openStores).toBe(1)
    expect(states()).toEqual(['opening', 'ready'])
  })

  it('tries again at the next call when it could not open, and says what is wrong meanwhile', async () => {
    const { vault, told } = vaulted()
    disk.refuseOpen('blocked')
    await expect(vault.open()).rejects.toMatchObject({ code: 'blocked' })
    expect(told.at(-1)).toMatchObject({ state: 'degraded', error: { code: 'storage', retry: 'later' } })
    await vault.open()
    expect(told.at(-1)).toEqual({ state: 'ready', kind: 'memory-disk', durable: true, error: null })
  })

  it('drops a lost store and opens another one, three times; then it says that this is too often', async () => {
    const { vault, told } = vaulted()
    let last = await vault.open()
    for (let i = 0; i < LIMITS.reopenTimes; i++) {
      disk.lose('closed')
      expect(told.at(-1)?.state).toBe('degraded')
      const next = await vault.open()
      expect(next).not.toBe(last)
      await next.read(['key'])
      last = next
    }
    disk.lose('closed')
    await expect(vault.open()).rejects.toMatchObject({ name: 'TidingsError', code: 'storage' })
    expect(disk.openStores).toBe(0)
  })

  it('says so when its storage fell back to one that does not last', async () => {
    const memory = createMemoryDisk().storage()
    let durable = true
    const ladder: Storage = {
      ...memory,
      kind: 'ladder',
      get durable() {
        return durable
      },
      open(name) {
        durable = false
        return memory.open(name)
      },
    }
    const { vault, told } = vaulted(ladder)
    await vault.open()
    expect(told.at(-1)).toMatchObject({ state: 'degraded', durable: false, error: { code: 'storage' } })
  })

  it('does not complain about a storage that never promised to last', async () => {
    const { vault, states } = vaulted({ ...disk.storage(), durable: false })
    await vault.open()
    expect(states().at(-1)).toBe('ready')
  })

  it('closes what it opened, also what is just being opened, and opens nothing after', async () => {
    const { vault } = vaulted()
    const opening = vault.open()
    await vault.close()
    await opening
    expect(disk.openStores).toBe(0)
    await expect(vault.open()).rejects.toMatchObject({ code: 'destroyed' })
    const unused = vaulted()
    await unused.vault.close()
    expect(unused.states()).toEqual([])
  })

  it('counts losses in a row: after a quiet minute it begins anew', async () => {
    const { vault } = vaulted()
    const lose = async () => {
      await vault.open()
      disk.lose('closed')
    }
    for (let i = 0; i < LIMITS.reopenTimes; i++) await lose()
    await timeline.advance(LIMITS.reopenAfterMs + 1)
    for (let i = 0; i <= LIMITS.reopenTimes; i++) await lose()
    await expect(vault.open()).rejects.toMatchObject({ code: 'storage' })
    await timeline.advance(LIMITS.reopenAfterMs + 1)
    await expect((await vault.open()).read(['key'])).resolves.toEqual([undefined])
  })

  it('gives up a read that takes more than 3 s, refuses at once until it is answered, and says both', async () => {
    const { vault, states } = vaulted()
    const store = await vault.open()
    const release = disk.hang()
    const slow = store.read(['key'])
    const refused = expect(slow).rejects.toMatchObject({ code: 'timeout' })
    await timeline.advance(LIMITS.openTimeoutMs)
    await refused
    await expect(store.scan({ gte: '', lt: 'z' })).rejects.toMatchObject({ code: 'timeout' })
    expect(states().at(-1)).toBe('degraded')
    release()
    await timeline.settle()
    expect(states().at(-1)).toBe('ready')
    await expect(store.read(['key'])).resolves.toEqual([undefined])
    expect(timeline.pending).toBe(0)
  })

  it('waits for a write, however long that takes, unless it is told otherwise', async () => {
    const { vault } = vaulted()
    const store = await vault.open()
    const release = disk.hang()
    let written = false
    void store
      .transact([], () => ({ changes: [{ put: 'key', value: 1 }], result: null }), 'strict')
      .then(() => {
        written = true
      })
    await timeline.advance(10 * LIMITS.openTimeoutMs)
    expect(written).toBe(false)
    release()
    await timeline.settle()
    expect(written).toBe(true)
  })
})
