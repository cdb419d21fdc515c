import { describe, expect, it } from 'vitest'
import { fill } from './past.js'
import { start } from './steps.js'
import { code, roomOf, shown, twoDevices } from './two-devices.js'

describe('an edit that must not overwrite', () => {
  it('is failed with both texts when the message was changed meanwhile, and what is shown stays true', async () => {
    const { phone, laptop, collide } = await twoDevices()
    expect(await collide()).toBe('conflict')
    expect(shown(laptop)).toMatchObject({ body: 'theirs', version: 2, status: 'failed' })
    expect(shown(laptop)?.error).toMatchObject({
      ...{ code: 'conflict', serverCode: 'conflict', retry: 'later' },
      edit: { yours: 'mine', current: 'theirs', base: 'one' },
    })
    expect(shown(phone)).toMatchObject({ body: 'theirs', status: 'confirmed', error: null })
    expect(laptop.client.outbox.get()).toMatchObject({ pending: 0, failed: 1 })
  })

  it('goes on top of what is there when its author retries, and is gone when he discards it', async () => {
    for (const answer of ['retry', 'discard'] as const) {
      const { phone, laptop, key, collide, advance } = await twoDevices()
      await collide()
      expect(roomOf(laptop)[answer](key)).toBe(true)
      await advance(1_000)
      for (const tab of [phone, laptop])
        expect(shown(tab)).toMatchObject({
          ...{ body: answer === 'retry' ? 'mine' : 'theirs', version: answer === 'retry' ? 3 : 2 },
          ...{ status: 'confirmed', error: null },
        })
      expect(laptop.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
    }
  })

  it('retried after the message changed once more goes on top of that', async () => {
    const { phone, laptop, key, edits, collide, advance } = await twoDevices()
    await collide()
    roomOf(phone).edit(key, 'theirs again')
    await advance(200)
    expect(shown(laptop)?.error?.edit).toEqual({ yours: 'mine', current: 'theirs again', base: 'one' })
    roomOf(laptop).retry(key)
    await advance(200)
    expect(edits.at(-1)).toMatchObject({ baseVersion: 3, body: '"mine"' })
    expect(shown(phone)).toMatchObject({ body: 'mine', version: 4 })
  })

  it('said otherwise by a new edit is replaced by it', async () => {
    const { phone, laptop, key, collide, advance } = await twoDevices()
    await collide()
    roomOf(laptop).edit(key, 'both', { expectVersion: true })
    await advance(200)
    for (const tab of [phone, laptop])
      expect(shown(tab)).toMatchObject({ body: 'both', version: 3, status: 'confirmed', error: null })
    expect(laptop.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it('is taken when nobody changed the message, online and after a tunnel', async () => {
    const { phone, laptop, key, offline, online, advance } = await twoDevices()
    await offline(laptop)
    roomOf(laptop).edit(key, 'two', { expectVersion: true })
    await online(laptop)
    roomOf(laptop).edit(key, 'three', { expectVersion: true })
    await advance(200)
    for (const tab of [phone, laptop])
      expect(shown(tab)).toMatchObject({ body: 'three', version: 3, status: 'confirmed' })
  })

  it('expects the version that an editor was opened on', async () => {
    const { phone, laptop, key, advance } = await twoDevices()
    const opened = shown(laptop)?.version ?? 0
    roomOf(phone).edit(key, 'theirs')
    await advance(200)
    expect(shown(laptop)).toMatchObject({ body: 'theirs', version: 2 })
    const verdict = code(roomOf(laptop).edit(key, 'mine', { expectVersion: opened }).confirmed())
    await advance(200)
    expect(await verdict).toBe('conflict')
    expect(shown(laptop)?.error?.edit).toEqual({ yours: 'mine', current: 'theirs', base: null })
    roomOf(laptop).edit(key, 'both', { expectVersion: shown(laptop)?.version ?? 0 })
    await advance(200)
    expect(shown(phone)).toMatchObject({ body: 'both', version: 3 })
  })

  it('of a message that was deleted meanwhile has nothing to go on top of, and keeps its text', async () => {
    const { phone, laptop, key, offline, online, advance } = await twoDevices()
    await offline(laptop)
    const verdict = code(roomOf(laptop).edit(key, 'mine', { expectVersion: true }).confirmed())
    roomOf(phone).remove(key)
    await advance(200)
    await online(laptop)
    expect(await verdict).toBe('not_found')
    expect(shown(laptop)).toMatchObject({ deleted: true, status: 'failed' })
    expect(shown(laptop)?.error?.edit).toEqual({ yours: 'mine', current: null, base: 'one' })
    expect(roomOf(laptop).discard(key)).toBe(true)
    expect(shown(laptop)).toMatchObject({ deleted: true, status: 'confirmed', error: null })
  })

  it('is not asked for unless it is: without it the later edit wins and nobody is asked', async () => {
    const { phone, laptop, key, offline, online, advance } = await twoDevices()
    const asked: unknown[] = []
    laptop.client.room('general', {
      conflicts: 'expectVersion',
      onConflict(conflict) {
        asked.push(conflict)
        return undefined
      },
    })
    laptop.client.room('general', { conflicts: 'lastWriterWins' })
    await offline(laptop)
    roomOf(phone).edit(key, 'theirs')
    await advance(1_000)
    roomOf(laptop).edit(key, 'mine, later')
    await online(laptop)
    for (const tab of [phone, laptop])
      expect(shown(tab)).toMatchObject({ body: 'mine, later', status: 'confirmed', error: null })
    expect(asked).toEqual([])
  })
})

describe('a conflict about a message that is not loaded any more', () => {
  it('is decided by its key all the same', async () => {
    const { world, phone, laptop, key, profiles, offline, online, open, advance } = await twoDevices()
    await offline(laptop)
    const { id = '' } = shown(laptop) ?? {}
    await roomOf(laptop).edit(key, 'mine', { expectVersion: true }).queued()
    laptop.crash()
    roomOf(phone).edit(key, 'theirs')
    await advance(200)
    await fill(world, 700)
    await advance(60_000)
    const between = start(open(profiles[1], false))
    await online(between)
    between.crash()
    const later = start(open(profiles[1]))
    await advance(10_000)
    expect(roomOf(later).message(key).get()).toBeNull()
    expect(later.client.outbox.get()).toMatchObject({ pending: 0, failed: 1 })
    expect(roomOf(later).retry(id)).toBe(true)
    await advance(1_000)
    expect(later.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
    expect(roomOf(phone).message(key).get()).toMatchObject({ body: 'mine', version: 3 })
  })
})

describe('edits of one author, one after the other', () => {
  it('do not conflict with each other, however fast they come, and end as the last one says', async () => {
    const { phone, laptop, key, edits, advance } = await twoDevices()
    const verdicts: Promise<unknown>[] = []
    for (const text of ['two', 'three', 'four', 'five']) {
      verdicts.push(code(roomOf(laptop).edit(key, text, { expectVersion: true }).confirmed()))
      await advance(3)
    }
    await advance(1_000)
    expect(await Promise.all(verdicts)).toEqual(['done', 'done', 'done', 'done'])
    for (const tab of [phone, laptop]) expect(shown(tab)).toMatchObject({ body: 'five', status: 'confirmed' })
    // The first is on its way; the others wait for what comes of it, and are one by then.
    expect(edits.map(({ baseVersion, body }) => [baseVersion, body])).toEqual([
      [1, '"two"'],
      [2, '"five"'],
    ])
  })

  it('do not overwrite either when the first one meets a conflict: the second waits with it, and its text is the one to decide about', async () => {
    const { phone, laptop, key, offline, online, advance } = await twoDevices()
    roomOf(phone).edit(key, 'theirs')
    // Both edits are made before the laptop hears of the other one; the first is on its way.
    roomOf(laptop).edit(key, 'mine', { expectVersion: true })
    await advance(6)
    const second = code(roomOf(laptop).edit(key, 'mine, better', { expectVersion: true }).confirmed())
    await advance(1_000)
    expect(shown(laptop)).toMatchObject({ body: 'theirs', version: 2, status: 'failed' })
    expect(shown(laptop)?.error?.edit).toEqual({ yours: 'mine, better', current: 'theirs', base: 'one' })
    expect(shown(phone)).toMatchObject({ body: 'theirs', version: 2 })
    await offline(laptop)
    await online(laptop)
    expect(shown(phone)).toMatchObject({ body: 'theirs', version: 2 })
    roomOf(laptop).retry(key)
    await advance(1_000)
    for (const tab of [phone, laptop])
      expect(shown(tab)).toMatchObject({ body: 'mine, better', version: 4, status: 'confirmed', error: null })
    expect(await second).toBe('done')
  })

  it('of which the first was never sent are one edit, on top of what the author saw first', async () => {
    const { phone, laptop, key, edits, offline, online, advance } = await twoDevices()
    await offline(laptop)
    roomOf(laptop).edit(key, 'mine', { expectVersion: true })
    roomOf(phone).edit(key, 'theirs')
    await advance(200)
    roomOf(laptop).edit(key, 'mine, better', { expectVersion: true })
    await online(laptop)
    expect(edits.slice(1)).toMatchObject([{ baseVersion: 1, body: '"mine, better"' }])
    expect(shown(laptop)?.error?.edit).toEqual({ yours: 'mine, better', current: 'theirs', base: 'one' })
  })
})
