import { describe, expect, it } from 'vitest'
import { type Acked, type Entry, type Failure, isEntry, isUnsent } from '../../../src/core/messages/entry.js'
import {
  acknowledge,
  attempt,
  detach,
  discard,
  fail,
  park,
  renew,
  reopen,
  requeue,
  rewrite,
  supersede,
  type Transition,
  withdraw,
} from '../../../src/core/messages/transitions.js'
import { formatStamp } from '../../../src/protocol/index.js'

const stamp = formatStamp(1_000, 0, 'some-clock-')
const acked: Acked = { messageId: 'm1', seq: 1, stamp, ts: 2_000, at: 2_000 }
const failure: Failure = { code: 'rejected', message: 'No.' }
const queued: Entry = {
  ...{ id: 'op', room: 'general', kind: 'create', stamp, body: 'text', createdAt: 1_000, bytes: 6 },
  ...{ attempts: 0, at: 0, state: 'queued' },
}
const claimed: Entry = { ...queued, attempts: 1, at: 1_500, claim: { by: 'us', at: 1_500 } }
const states: Record<Entry['state'], Entry> = {
  queued: claimed,
  unknown: { ...queued, attempts: 1, at: 1_500, state: 'unknown' },
  failed: { ...queued, attempts: 1, at: 1_500, state: 'failed', failure },
  acked: { ...queued, attempts: 1, at: 1_500, state: 'acked', acked },
}
const all = Object.values(states)

describe('a transition of an outbox entry', () => {
  const transitions: Record<string, Transition> = {
    attempt: attempt('us', 3_000, 15_000),
    acknowledge: acknowledge(acked),
    fail: fail(failure),
    park,
    requeue: requeue(3_000),
    reopen,
    discard,
  }

  it('never changes what identifies the operation, nor the entry it was given', () => {
    for (const transition of Object.values(transitions))
      for (const entry of all) {
        const before = structuredClone(entry)
        const next = transition(entry)
        expect(entry).toEqual(before)
        if (next)
          expect(next).toMatchObject({ id: 'op', room: 'general', kind: 'create', stamp, body: 'text' })
      }
  })

  it('applied twice is as good as once', () => {
    for (const [name, transition] of Object.entries(transitions)) {
      if (name === 'attempt') continue
      for (const entry of all) {
        const once = transition(entry)
        expect(once && transition(once)).toEqual(once)
      }
    }
  })

  it('an acknowledgement is taken in any state, and nothing but a lost log takes it back', () => {
    for (const entry of all) {
      const settled = acknowledge(acked)(entry)
      expect(settled).toMatchObject({ state: 'acked', acked })
      expect(settled).not.toHaveProperty('failure')
    }
    // Whose it was says nothing any more, and does not come back with it.
    const lost = reopen(acknowledge(acked)(claimed) ?? states.acked)
    expect(lost).toMatchObject({ state: 'queued', reopened: true })
    expect(lost).not.toHaveProperty('claim')
    for (const [name, transition] of Object.entries(transitions))
      if (name !== 'reopen') expect(transition(states.acked)).toEqual(states.acked)
    const open = { ...queued, reopened: true, lost: acked.ts, attempts: 1, at: 1_500 }
    expect(reopen(states.acked)).toEqual({ ...open, messageId: 'm1' })
    // What an edit was acknowledged with is the id of the message that it is about.
    expect(reopen({ ...states.acked, kind: 'edit' })).toEqual({ ...open, kind: 'edit' })
  })

  it('takes no acknowledgement from before the server lost what it acknowledged, as a slow tab may hold it', () => {
    const lost = reopen(states.acked)
    if (!lost) throw new Error('it stays')
    expect(acknowledge(acked)(lost)).toBe(lost)
    const again = { ...acked, seq: 2, ts: 4_000 }
    const back = acknowledge(again, lost.lost)(lost)
    expect(back).toMatchObject({ state: 'acked', acked: again })
    // The server had it all the while: it answers as it answered the first time.
    expect(acknowledge(acked, lost.lost)(lost)).toMatchObject({ state: 'acked', acked })
    const lostTwice = back && reopen(back)
    expect(lostTwice && acknowledge(again, lost.lost)(lostTwice)).toBe(lostTwice)
  })

  it('an acknowledgement that says the same changes nothing, so that nothing is told', () => {
    expect(acknowledge({ ...acked, at: 9_000 })(states.acked)).toBe(states.acked)
    expect(acknowledge({ ...acked, seq: 2 })(states.acked)).toMatchObject({ acked: { seq: 2 } })
  })

  it('an attempt respects the claim of another context while its lease lasts, and keeps the time of the first', () => {
    const theirs = { ...claimed, claim: { by: 'them', at: 1_500 } }
    expect(attempt('us', 3_000, 15_000)(theirs)).toBe(theirs)
    expect(attempt('us', 16_501, 15_000)(theirs)).toMatchObject({
      attempts: 2,
      claim: { by: 'us', at: 16_501 },
    })
    expect(attempt('us', 3_000, 0)(theirs)).toMatchObject({ claim: { by: 'us' } })
    expect(attempt('us', 3_000, 15_000)(claimed)).toMatchObject({ attempts: 2, at: 1_500 })
    expect(attempt('us', 3_000, 15_000)(queued)).toMatchObject({ attempts: 1, at: 3_000 })
    for (const state of ['unknown', 'failed', 'acked'] as const)
      expect(attempt('us', 3_000, 0)(states[state])).toBe(states[state])
  })

  it('a retry of a failure is a repeat; a retry of what nobody can tell is a new start; others are left alone', () => {
    expect(requeue(3_000)(states.failed)).toEqual({
      ...{ ...queued, attempts: 1, at: 1_500, retriedAt: 3_000 },
    })
    expect(requeue(3_000)(states.unknown)).toEqual({ ...queued, retriedAt: 3_000 })
    expect(requeue(3_000)(claimed)).toBe(claimed)
  })

  it('only what waits is parked, and whatever is not settled can be discarded', () => {
    expect(park(claimed)).toEqual({ ...states.unknown })
    expect(park(states.failed)).toBe(states.failed)
    expect(all.map((entry) => discard(entry))).toEqual([null, null, null, states.acked])
  })

  it('what nobody has seen can be said otherwise and taken back; what is on its way or settled cannot', () => {
    const say = rewrite(isUnsent, (entry) => ({ ...entry, body: 'other' }))
    expect(say(queued)).toMatchObject({ id: 'op', stamp, body: 'other' })
    expect(withdraw(isUnsent)(queued)).toBeNull()
    const retried = requeue(3_000)(states.unknown) ?? queued
    for (const entry of [...all, retried]) {
      expect(say(entry)).toBe(entry)
      expect(withdraw(isUnsent)(entry)).toBe(entry)
    }
    const full: Entry = { ...claimed, state: 'failed', failure: { code: 'outbox_full', message: 'Full.' } }
    expect(say(full)).toMatchObject({ body: 'other', state: 'failed' })
  })

  it('something newer takes the place of what failed or was never sent, and of nothing else', () => {
    expect([queued, ...all].map((entry) => supersede(isUnsent)(entry))).toEqual([
      ...[null, claimed, states.unknown, null, states.acked],
    ])
  })

  it('an answer lets go of what it answers unless it is on its way', () => {
    const reply = { ...queued, replyTo: 'parent' }
    expect(detach(isUnsent)(reply)).toEqual(queued)
    expect(detach(isUnsent)({ ...states.failed, replyTo: 'parent' })).toEqual(states.failed)
    for (const entry of [claimed, states.unknown, states.acked]) {
      const answer = { ...entry, replyTo: 'parent' }
      expect(detach(isUnsent)(answer)).toBe(answer)
    }
  })

  it('an edit that met a conflict is made anew under the same id; nothing else is', () => {
    const conflict: Entry = {
      ...{ ...states.failed, kind: 'edit', baseVersion: 1, base: 'first', after: 'before' },
      failure: { code: 'conflict', message: 'No.', currentVersion: 2, currentValue: 'theirs' },
    }
    const said = { body: 'both', bytes: 6, stamp: formatStamp(2_000, 0, 'some-clock-'), baseVersion: 2 }
    expect(renew({ ...said, base: 'theirs' }, 3_000)(conflict)).toEqual({
      ...{ ...queued, kind: 'edit', ...said, base: 'theirs', retriedAt: 3_000 },
    })
    expect(renew(said, 3_000)(conflict)).not.toHaveProperty('base')
    for (const entry of all) expect(renew(said, 3_000)(entry)).toBe(entry)
    expect(isEntry(JSON.parse(JSON.stringify(conflict)))).toBe(true)
  })

  it('reads entries as earlier versions wrote them, without what conflicts need', () => {
    const earlier = { ...queued, kind: 'edit', target: 'm1', baseVersion: 3, createdAt: 1, bytes: 1 }
    expect(isEntry(JSON.parse(JSON.stringify(earlier)))).toBe(true)
    const failed = { ...earlier, state: 'failed', failure: { code: 'conflict', message: 'No.' } }
    expect(isEntry(failed)).toBe(true)
  })
})
