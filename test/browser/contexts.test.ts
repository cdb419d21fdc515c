import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIndexedDbStorage } from '../../src/adapters/indexed-db.js'
import { createSystemClock } from '../../src/adapters/system-clock.js'
import { createWebLocks } from '../../src/adapters/web-locks.js'
import type { Locks } from '../../src/core/seams/locks.js'
import { locksLaws } from '../../src/testing/laws/locks.js'
import { sharingLaws } from '../../src/testing/laws/storage-sharing.js'
import type { Adapters } from './support/adapters.js'
import { loadFrame } from './support/frame.js'

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

/** The adapters of a document, and its end. */
async function openDocument(): Promise<Adapters & { readonly end: () => void }> {
  const frame = await loadFrame('./adapters.ts')
  const adapters = frame.contentWindow?.adapters
  if (adapters === undefined) throw new Error('The document has no adapters.')
  return { ...adapters, end: () => frame.remove() }
}

const locksHere = (): Locks => {
  const locks = createWebLocks()
  if (locks === undefined) throw new Error('There are no Web Locks on a secure page.')
  return locks
}

let there: Awaited<ReturnType<typeof openDocument>>
beforeAll(async () => {
  there = await openDocument()
})
afterAll(() => there.end())

describe('IndexedDB and BroadcastChannel of two documents', () => {
  for (const law of sharingLaws)
    it(law.name, async () => {
      const here = createIndexedDbStorage({ clock: createSystemClock() })
      await law.run({ here, there: there.storage, name: `contexts: ${law.name}`, pause })
    })
})

describe('Web Locks of two documents', () => {
  for (const law of locksLaws)
    it(law.name, () =>
      law.run({ here: locksHere(), there: there.locks, name: `contexts: ${law.name}`, pause }),
    )

  it('the end of a document releases what it held, and takes its place from the queue', async () => {
    const [holder, waiter] = [await openDocument(), await openDocument()]
    const granted: string[] = []
    holder.locks.request('the end', () => granted.push('holder'))
    await expect.poll(() => granted, { timeout: 20_000 }).toEqual(['holder'])
    waiter.locks.request('the end', () => granted.push('waiter'))
    locksHere().request('the end', () => granted.push('here'))
    waiter.end()
    holder.end()
    await expect.poll(() => granted, { timeout: 20_000 }).toEqual(['holder', 'here'])
  })
})
