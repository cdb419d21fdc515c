import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareText, formatStamp } from '../../../src/protocol/index.js'
import { createPuppetWorld, type PuppetWorld } from './puppet-world.js'
import { messages } from './world.js'

/*
 * The model of a timeline is the log, folded into rows, and behind it what was written and is not in the log; sorted by stamp. No window,
 * no replica, no outbox, no cache.
 */

interface Row {
  readonly key: string
  readonly stamp: string
  body: unknown
  version: number
  status: 'open' | 'failed' | 'confirmed'
}

type Event = ReturnType<PuppetWorld['event']>

const which = fc.nat(20)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('theirs'), which: fc.integer({ min: -5_000, max: 20_000 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('mine'), which }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('ack, event', 'event, ack', 'event', 'ack'), which }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('edit', 'delete', 'repeat'), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('refuse', 'discard', 'drop', 'look away'), which }),
  },
)

/** A room in front of a puppet server, beside its model. */
async function createPair() {
  const p = createPuppetWorld()
  await p.live()
  const room = p.client.room('general')
  const rows = new Map<string, Row>()
  const log: Event[] = []
  /** Events that the server has and has not told yet. */
  let untold: Event[] = []
  let stopLooking = room.timeline.subscribe(() => undefined)

  async function tell(...frames: Parameters<typeof p.server.send>): Promise<void> {
    p.server.send(...untold.splice(0), ...frames)
    await p.timeline.settle()
  }

  function commit(more: Partial<Event>): Event {
    const event = p.event(log.length + 1, more)
    log.push(event)
    return event
  }

  const nth = <T>(all: readonly T[], n: number): T | undefined => all[n % Math.max(1, all.length)]
  const open = () => [...rows.values()].filter(({ status }) => status === 'open')

  async function settle(how: string, row: Row): Promise<void> {
    const { key: id, stamp, body } = row
    const event = commit({ from: 'alice', id, stamp, body: String(body) })
    const { messageId, seq, ts } = event
    const ack = { type: 'ack', ...{ id, room: 'general', messageId, seq, stamp, ts, version: 1 } } as const
    row.status = 'confirmed'
    if (how === 'ack, event') await tell(ack, event)
    else if (how === 'event, ack') await tell(event, ack)
    else if (how === 'event') await tell(event)
    else {
      await tell(ack)
      untold.push(event)
    }
  }

  async function change(kind: 'edit' | 'delete', target: Event): Promise<void> {
    const row = rows.get(target.from === 'alice' ? target.id : target.messageId)
    if (!row || row.body === null) return
    row.version += 1
    row.body = kind === 'delete' ? null : `edited ${log.length}`
    const on = { messageId: target.messageId, seq: target.seq, stamp: target.stamp }
    const said = kind === 'delete' ? {} : { body: `edited ${log.length}` }
    await tell(commit({ kind, target: on, from: target.from, version: row.version, ...said }))
  }

  async function reconnect(): Promise<void> {
    const known = log.length - untold.length
    untold = []
    p.server.drop()
    await p.welcome()
    await p.catchUp(
      log.length,
      log.slice(known).map(({ type: _type, room: _room, cursor: _cursor, prev: _prev, ...entry }) => entry),
    )
  }

  async function theirs(ago: number): Promise<void> {
    const seq = log.length + 1
    const stamp = formatStamp(p.timeline.now() - ago, seq, 'bobs-clock-')
    const event = commit({ stamp })
    const row = { key: event.messageId, stamp, body: event.body, version: 1, status: 'confirmed' as const }
    rows.set(row.key, row)
    await tell(event)
  }

  function mine(n: number): void {
    const { key, message } = room.send(`mine ${n}`)
    rows.set(key, { key, stamp: message.stamp, body: message.body, version: 1, status: 'open' })
  }

  async function refuse({ key }: Row): Promise<void> {
    const row = rows.get(key)
    if (row) row.status = 'failed'
    await tell({ type: 'nack', id: key, code: 'forbidden', message: 'No.', retryable: false })
  }

  return {
    p,
    rows: () => [...rows.values()].sort((a, b) => compareText(a.stamp, b.stamp)),
    shown: () =>
      messages(p.client).map(({ key, stamp, body, deleted, version, status }) => ({
        ...{ key, stamp, body: deleted ? null : body, version },
        status: status === 'failed' || status === 'confirmed' ? status : 'open',
      })),
    async play({ do: name, which: n }: { readonly do: string; readonly which: number }): Promise<void> {
      const first = open()[0]
      const created = nth(
        log.filter(({ kind }) => kind === 'create'),
        n,
      )
      const gone = [...rows.values()].find(({ status }) => status === 'failed')
      if (name === 'theirs') await theirs(n)
      else if (name === 'mine') mine(n)
      else if (name === 'drop') await reconnect()
      else if (name === 'repeat' && log.length > 0) await tell(...log.slice(-1))
      else if ((name === 'edit' || name === 'delete') && created) await change(name, created)
      else if (name === 'refuse' && first) await refuse(first)
      else if (name === 'discard' && gone && room.discard(gone.key)) rows.delete(gone.key)
      else if (name === 'look away') {
        stopLooking()
        await p.timeline.settle()
        stopLooking = room.timeline.subscribe(() => undefined)
      } else if (name.includes('ack') || name === 'event') if (first) await settle(name, first)
    },
  }
}

describe('a timeline against a sorted list', () => {
  it('shows the log with what waits on top, each message once, whatever order answers and events come in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { p, rows, shown, play } = await createPair()
        for (const now of steps) {
          await play(now)
          expect(shown()).toEqual(rows())
          await p.timeline.settle()
          expect(shown()).toEqual(rows())
        }
        expect(p.errors).toEqual([])
        expect(p.server.refused).toEqual([])
        await p.reload()
        p.client.room('general').open()
        p.client.connect()
        await p.timeline.settle()
        const kept = rows().map(({ key, body }) => ({ key, body }))
        expect(shown().map(({ key, body }) => ({ key, body }))).toEqual(kept)
        await p.end()
      }),
      { numRuns: 60 },
    )
  })
})
