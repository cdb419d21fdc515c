import { describe, expect, it } from 'vitest'
import type { Conflict, OnConflict, Resolution } from '../../../src/core/conflicts.js'
import type { ServerFrames } from '../../../src/protocol/index.js'
import { newPuppet } from './puppet-world.js'
import { start } from './steps.js'
import { code, roomOf, shown, twoDevices } from './two-devices.js'
import { messages, type Tab } from './world.js'

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
    const p = newPuppet()
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
    const p = newPuppet()
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
