import { afterEach, describe, expect, it } from 'vitest'
import type { StorageStatus } from '../../src/core/api.js'
import { LIMITS } from '../../src/core/limits.js'
import type { Storage } from '../../src/core/seams/storage.js'
import { createVault } from '../../src/core/vault.js'
import { createMemoryDisk } from '../../src/testing/memory-disk.js'

let disk = createMemoryDisk()
afterEach(() => {
  disk = createMemoryDisk()
})

function vaulted(storage: Storage = disk.storage()) {
  const told: StorageStatus[] = []
  const vault = createVault({ storage, name: 'store', onStatus: (status) => told.push(status) })
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

  it('wiped leaves nothing, not even its name', async () => {
    const { vault } = vaulted()
    const store = await vault.open()
    const changes = ['', 'a', 'z', '\uffee'].map((key) => ({ put: key, value: 1 }))
    await store.transact([], () => ({ changes, result: null }), 'strict')
    await vault.wipe()
    expect(disk.names()).toEqual([])
    expect(disk.openStores).toBe(0)
  })

  it('wiped while another tab holds the store open empties it all the same', async () => {
    const { vault } = vaulted()
    const other = await disk.storage().open('store')
    await other.transact([], () => ({ changes: [{ put: 'secret', value: 1 }], result: null }), 'strict')
    await vault.wipe()
    expect(disk.entries('store')).toEqual([])
  })
})
