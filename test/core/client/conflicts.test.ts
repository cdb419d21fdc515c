import type { Operation } from 'tidings-server'
import { afterEach, describe, expect, it } from 'vitest'
import type { Conflict, OnConflict, Resolution } from '../../../src/core/conflicts.js'
import type { ServerFrames } from '../../../src/protocol/index.js'
import { createPuppetWorld, type PuppetWorld } from './puppet-world.js'
import { start } from './steps.js'
import { createWorld, messages, type Profile, type Tab, type World } from './world.js'

let world: World | undefined
let puppet: PuppetWorld | undefined
afterEach(async () => {
  await world?.end()
  await puppet?.end()
  world = undefined
  puppet = undefined
})

const roomOf = ({ client }: Tab) => client.room('general')
const shown = (tab: Tab) => messages(tab.client)[0]
const code = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: unknown) => Reflect.get(Object(error), 'code'),
  )

/** Two devices of one person, both of which have read a message "one". */
async function twoDevices() {
  const made = createWorld({ latencyMs: 5 })
  world = made
  const edits: Operation[] = []
  const { append } = made.log
  Object.assign(made.log, {
    append(operations: readonly Operation[]) {
      edits.push(...operations.filter(({ kind }) => kind === 'edit'))
      return append(operations)
    },
  })
  const profiles = [made.profile('alice'), made.profile('alice')] as const
  const phone = start(made.tab(profiles[0]))
  const laptop = start(made.tab(profiles[1]))
  await made.timeline.advance(200)
  const { key } = roomOf(phone).send('one')
  await made.timeline.advance(200)
  const advance = (ms: number) => made.timeline.advance(ms)
  const offline = async (tab: Tab) => {
    tab.link.refuse(true)
    tab.link.drop()
    await advance(100)
  }
  const online = async (tab: Tab) => {
    tab.link.refuse(false)
    tab.lifecycle.signal('online')
    await advance(60_000)
  }
  const open = (profile: Profile, reached = true) => {
    const tab = made.tab(profile)
    if (!reached) tab.link.refuse(true)
    return tab
  }
  /** The laptop edits in a tunnel while the phone does, and comes back. */
  const collide = async (options = { expectVersion: true } as const) => {
    await offline(laptop)
    const edit = roomOf(laptop).edit(key, 'mine', options)
    const verdict = code(edit.confirmed())
    roomOf(phone).edit(key, 'theirs')
    await advance(200)
    await online(laptop)
    return verdict
  }
  return { phone, laptop, key, edits, profiles, advance, offline, online, open, collide }
}

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
      if (answer === 'retry') await world?.end()
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
    const { phone, laptop, key, profiles, offline, online, open, advance } = await twoDevices()
    await offline(laptop)
    const { id = '' } = shown(laptop) ?? {}
    await roomOf(laptop).edit(key, 'mine', { expectVersion: true }).queued()
    laptop.crash()
    roomOf(phone).edit(key, 'theirs')
    for (let i = 0; i < 700; i++) roomOf(phone).send(i)
    await advance(120_000)
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

describe('a room that decides conflicts', () => {
  const deciding = (tab: Tab, answer: (conflict: Conflict) => ReturnType<OnConflict>) => {
    const asked: Conflict[] = []
    const onConflict: OnConflict = (conflict) => {
      asked.push(conflict)
      return answer(conflict)
    }
    tab.client.room('general', { conflicts: 'expectVersion', onConflict })
    return asked
  }
  const merged = ({ yours, current }: Conflict): Resolution => ({ edit: `${current} + ${yours}` })

  it.each([
    ['at once', merged],
    ['later', async (conflict: Conflict) => merged(conflict)],
  ])(
    'is asked with the texts, and edits again on top of the current version, deciding %s',
    async (_when, answer) => {
      const { phone, laptop, key, edits, offline, online, advance } = await twoDevices()
      const asked = deciding(laptop, answer)
      const failures: unknown[] = []
      laptop.client.on('failed', (failure) => failures.push(failure))
      await offline(laptop)
      const verdict = code(roomOf(laptop).edit(key, 'mine').confirmed())
      roomOf(phone).edit(key, 'theirs')
      await advance(200)
      await online(laptop)
      expect(asked).toMatchObject([
        { room: 'general', message: { key, body: 'theirs' }, yours: 'mine', current: 'theirs', base: 'one' },
      ])
      expect(edits.at(-1)).toMatchObject({ baseVersion: 2 })
      expect(await verdict).toBe('done')
      expect(failures).toEqual([])
      for (const tab of [phone, laptop])
        expect(shown(tab)).toMatchObject({
          body: 'theirs + mine',
          version: 3,
          status: 'confirmed',
          error: null,
        })
    },
  )

  it('may give the edit up', async () => {
    const { phone, laptop, key, advance } = await twoDevices()
    deciding(laptop, () => 'discard')
    roomOf(phone).edit(key, 'theirs')
    const verdict = code(roomOf(laptop).edit(key, 'mine').confirmed())
    await advance(1_000)
    expect(await verdict).toBe('discarded')
    expect(shown(laptop)).toMatchObject({ body: 'theirs', status: 'confirmed', error: null })
    expect(laptop.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it.each([
    ['says nothing', (): Resolution => undefined],
    [
      'throws',
      (): Resolution => {
        throw new Error('no')
      },
    ],
    ['fails later', () => Promise.reject(new Error('no'))],
    ['answers what is no JSON', () => ({ edit: Number.NaN })],
  ] as const)('leaves it to the user when it %s', async (_what, answer) => {
    const { phone, laptop, key, advance } = await twoDevices()
    deciding(laptop, answer)
    const failures: unknown[] = []
    laptop.client.on('failed', ({ error }) => failures.push(error.code))
    roomOf(phone).edit(key, 'theirs')
    const verdict = code(roomOf(laptop).edit(key, 'mine').confirmed())
    await advance(1_000)
    expect(await verdict).toBe('conflict')
    expect(failures).toEqual(['conflict'])
    expect(shown(laptop)).toMatchObject({
      body: 'theirs',
      status: 'failed',
      error: { edit: { yours: 'mine' } },
    })
    expect(roomOf(laptop).retry(key)).toBe(true)
  })

  it('is asked again when the message changes again before the answer arrives', async () => {
    const { phone, laptop, key, advance } = await twoDevices()
    let calls = 0
    deciding(laptop, (conflict) => {
      if (++calls > 1) return merged(conflict)
      // The server has it when the answer is given, and this device hears of it later.
      roomOf(phone).edit(key, 'theirs again')
      return new Promise((resolve) => laptop.clock.after(7, () => resolve(merged(conflict))))
    })
    roomOf(phone).edit(key, 'theirs')
    roomOf(laptop).edit(key, 'mine')
    await advance(2_000)
    expect(calls).toBe(2)
    for (const tab of [phone, laptop])
      expect(shown(tab)).toMatchObject({ body: 'theirs again + theirs + mine', status: 'confirmed' })
  })

  it('is asked after a reload about an edit that was made before it, with the text of then', async () => {
    const { phone, laptop, key, profiles, offline, online, open, advance } = await twoDevices()
    await offline(laptop)
    await roomOf(laptop).edit(key, 'mine', { expectVersion: true }).queued()
    laptop.crash()
    roomOf(phone).edit(key, 'theirs')
    await advance(200)
    const later = open(profiles[1], false)
    const asked = deciding(later, merged)
    start(later)
    await online(later)
    expect(asked).toMatchObject([{ yours: 'mine', current: 'theirs', base: 'one' }])
    expect(shown(phone)).toMatchObject({ body: 'theirs + mine', version: 3 })
  })

  it('is asked in the next life about what nobody decided in this one', async () => {
    const { phone, laptop, profiles, collide, open, advance } = await twoDevices()
    expect(await collide()).toBe('conflict')
    laptop.crash()
    const silent = start(open(profiles[1]))
    await advance(500)
    expect(shown(silent)).toMatchObject({ body: 'theirs', status: 'failed' })
    expect(shown(silent)?.error?.edit).toEqual({ yours: 'mine', current: 'theirs', base: 'one' })
    const asked = deciding(silent, merged)
    await advance(1_000)
    expect(asked).toHaveLength(1)
    expect(shown(phone)).toMatchObject({ body: 'theirs + mine', version: 3 })
    silent.crash()
    const next = open(profiles[1])
    const again = deciding(next, merged)
    start(next)
    await advance(1_000)
    expect(again).toEqual([])
  })
})

describe('the order in which a refusal and the page that explains it arrive', () => {
  async function edited(more: { readonly v2First: boolean }) {
    const p = createPuppetWorld()
    puppet = p
    const own = { from: 'alice', id: 'own1', messageId: 'm1', body: 'one' }
    await p.live()
    p.server.send(p.event(1, own))
    await p.timeline.settle()
    const room = p.client.room('general')
    const verdict = code(room.edit('m1', 'mine', { expectVersion: true }).confirmed())
    await p.timeline.advance(10)
    const [frame] = p.framesOf('message_update')
    expect(frame).toMatchObject({ baseVersion: 1, body: 'mine', op: 'edit' })
    const { stamp } = p.event(1)
    const target = { messageId: 'm1', seq: 1, stamp }
    const theirs = p.event(2, { from: 'alice', kind: 'edit', body: 'theirs', version: 2, target })
    const nack: ServerFrames['nack'] = {
      ...{ type: 'nack', id: frame?.id ?? '', code: 'conflict', message: 'Changed.', retryable: false },
      ...{ currentVersion: 2, currentValue: 'theirs' },
    }
    const page = async () => {
      p.server.send(theirs)
      await p.timeline.settle()
    }
    if (more.v2First) await page()
    p.server.send(nack)
    await p.timeline.settle()
    return { p, room, verdict, page, own: frame?.id ?? '' }
  }

  it.each([true, false])('does not matter (page first: %s)', async (v2First) => {
    const { p, room, verdict, page } = await edited({ v2First })
    const texts = { yours: 'mine', current: 'theirs', base: 'one' }
    expect(await verdict).toBe('conflict')
    expect(messages(p.client)[0]).toMatchObject({ status: 'failed', body: v2First ? 'theirs' : 'one' })
    expect(messages(p.client)[0]?.error?.edit).toEqual(texts)
    room.retry('m1')
    await p.timeline.advance(10)
    expect(p.framesOf('message_update').at(-1)).toMatchObject({ baseVersion: 2, body: 'mine', attempt: 1 })
    if (!v2First) await page()
    expect(messages(p.client)[0]).toMatchObject({ body: 'mine', version: 3 })
  })

  it('does not matter either when the log shows that the edit was taken after all', async () => {
    const { p, own, page } = await edited({ v2First: false })
    await page()
    const target = { messageId: 'm1', seq: 1, stamp: p.event(1).stamp }
    p.server.send(p.event(3, { from: 'alice', id: own, kind: 'edit', body: 'mine', version: 3, target }))
    await p.timeline.settle()
    expect(messages(p.client)[0]).toMatchObject({
      body: 'mine',
      version: 3,
      status: 'confirmed',
      error: null,
    })
    expect(p.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
    // A refusal of an earlier attempt that comes late changes nothing.
    p.server.send({
      type: 'nack',
      id: own,
      code: 'conflict',
      message: '',
      retryable: false,
      currentVersion: 2,
    })
    await p.timeline.settle()
    expect(messages(p.client)[0]).toMatchObject({ body: 'mine', status: 'confirmed', error: null })
  })

  it('leaves no way without the server’s version: a retry of a refusal that names none goes out as the last word', async () => {
    const p = createPuppetWorld()
    puppet = p
    await p.live()
    p.server.send(p.event(1, { from: 'alice', id: 'own1', messageId: 'm1', body: 'one' }))
    await p.timeline.settle()
    const room = p.client.room('general')
    room.edit('m1', 'mine', { expectVersion: 7 })
    await p.timeline.advance(10)
    const id = p.framesOf('message_update')[0]?.id ?? ''
    p.server.send({ type: 'nack', id, code: 'conflict', message: '', retryable: false })
    await p.timeline.settle()
    expect(messages(p.client)[0]?.error?.edit).toEqual({ yours: 'mine', current: 'one', base: null })
    room.retry('m1')
    await p.timeline.advance(10)
    expect(p.framesOf('message_update').at(-1)).toMatchObject({ baseVersion: 1, body: 'mine' })
  })
})
