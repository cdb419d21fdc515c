import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/core/messages/entry.js'
import { createOutbox, type Outbox } from '../../../src/core/messages/outbox.js'
import {
  acknowledge,
  attempt,
  discard,
  fail,
  park,
  reopen,
  requeue,
  type Transition,
} from '../../../src/core/messages/transitions.js'
import type { Clock } from '../../../src/core/seams/clock.js'
import type { Store } from '../../../src/core/seams/storage.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { createMemoryDisk, createTimeline, type MemoryDisk } from '../../../src/testing/index.js'

/*
 * The model of an outbox is a list of entries, changed by the same pure transitions, and nothing else: no records, no batches, no commits.
 * Whatever the disk does in between, what a tab shows is the model at once, and what it shows after a reload is the model without what
 * was not queued when it was killed.
 */

const START = 1_900_000_000_000
const ROOMS = ['general', 'other']

const entryOf = (n: number, room: string): Entry => ({
  ...{ id: `op${n}`, room, kind: 'create', stamp: formatStamp(START + n, 0, 'some-clock-'), body: n },
  ...{ createdAt: START, bytes: 1, attempts: 0, at: 0, state: 'queued' },
})

const ackOf = (n: number) => ({
  ...{ messageId: `m${n}`, seq: n, stamp: formatStamp(START + n, 0, 'some-clock-'), ts: START, at: START },
})

const TRANSITIONS: Readonly<Record<string, (n: number) => Transition>> = {
  attempt: () => attempt('tab', START, 30_000),
  acknowledge: (n) => acknowledge(ackOf(n)),
  fail: () => fail({ code: 'rejected', message: 'For people.' }),
  park: () => park,
  requeue: () => requeue(START),
  reopen: () => reopen,
  discard: () => discard,
}

const at = fc.nat(30)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add'), which: at }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom(...Object.keys(TRANSITIONS)), which: at }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), which: fc.constantFrom(0, 1, 10, 3_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('abort', 'lose', 'empty', 'close', 'kill'),
      which: fc.constant(0),
    }),
  },
)

/** A tab's outbox on a disk. */
function openOutbox(disk: MemoryDisk, clock: Clock, tab: string) {
  const storage = disk.storage()
  let opened: Promise<Store> | undefined
  async function open(): Promise<Store> {
    const store = await storage.open('outbox')
    store.onLost(() => {
      opened = undefined
    })
    return store
  }
  const outbox: Outbox = createOutbox({
    open() {
      opened ??= open()
      return opened
    },
    ...{ clock, tab, serverNow: () => START },
    ...{
      onChange() {},
      onFound() {},
      onQueued() {},
      onElsewhere() {},
      onMoved() {},
      onDeposed() {},
      onError() {},
    },
  })
  return { outbox, storage }
}

interface Shown {
  readonly entries: readonly ReturnType<typeof faceOf>[]
  readonly lanes: readonly (readonly string[])[]
  readonly pending: number
  readonly failed: number
}

const isPending = ({ state }: Pick<Entry, 'state'>): boolean => state === 'queued' || state === 'unknown'

/** The model: what was written, in order, and what became of it. */
function createModel() {
  const entries = new Map<string, Entry>()
  return {
    ids: () => entries.keys(),
    add: (entry: Entry) => void entries.set(entry.id, entry),
    change(id: string, transition: Transition): void {
      const entry = entries.get(id)
      const next = entry && transition(entry)
      if (next) entries.set(id, next)
      else entries.delete(id)
    },
    shown(): Shown {
      const all = [...entries.values()]
      return {
        entries: all.map(faceOf),
        lanes: ROOMS.map((room) =>
          all.filter((entry) => entry.room === room && entry.state !== 'acked').map(({ id }) => id),
        ),
        pending: all.filter(isPending).length,
        failed: all.filter(({ state }) => state === 'failed').length,
      }
    },
  }
}

const faceOf = ({ id, state, attempts, acked, failure }: Entry) => ({ id, state, attempts, acked, failure })

const shownBy = (outbox: Outbox, ids: Iterable<string>): Shown => ({
  entries: [...ids].flatMap((id) => outbox.get(id) ?? []).map(faceOf),
  lanes: ROOMS.map((room) => outbox.open(room).map(({ id }) => id)),
  pending: outbox.status.get().pending,
  failed: outbox.status.get().failed,
})

/** An outbox, one tab after the other on the same disk, beside its model. */
function createPair(latencyMs: number) {
  const timeline = createTimeline()
  const disk = createMemoryDisk({ clock: timeline.clock(), latencyMs })
  const model = createModel()
  let [tabs, made] = [0, 0]
  let tab = openOutbox(disk, timeline.clock(), 'tab0')

  async function reload(): Promise<void> {
    await timeline.advance(100)
    tabs += 1
    tab = openOutbox(disk, timeline.clock(), `tab${tabs}`)
    const loading = tab.outbox.load()
    await timeline.advance(100)
    await loading
  }

  function add(which: number): Entry {
    made += 1
    const entry = entryOf(made, ROOMS[which % ROOMS.length] ?? '')
    tab.outbox.add(entry)
    return entry
  }

  return {
    model,
    shown: () => shownBy(tab.outbox, model.ids()),
    async play({ do: name, which }: { readonly do: string; readonly which: number }): Promise<void> {
      if (name === 'add') model.add(add(which))
      else if (name === 'wait') await timeline.advance(which)
      else if (name === 'abort') disk.abortNext()
      else if (name === 'lose') disk.lose('closed')
      else if (name === 'empty') disk.lose('emptied')
      else if (name === 'close' || name === 'kill') {
        // A disk that is about to fail does so now, and what it put off is written by then.
        model.add(add(which))
        await timeline.advance(60_000)
        // What was not queued yet: handed over by who closes, gone with who is killed.
        const last = add(which)
        if (name === 'close') {
          model.add(last)
          tab.outbox.close(true)
        } else disk.crash(tab.storage)
        await reload()
      } else {
        const id = `op${1 + (which % Math.max(1, made))}`
        const transition = TRANSITIONS[name]?.(which) ?? park
        model.change(id, transition)
        if (which % 2 === 0) tab.outbox.note(id, transition)
        else void tab.outbox.change([id], transition)
      }
    },
  }
}

describe('an outbox against a list', () => {
  it('shows what the list says, in its order, whatever the disk does, and has it after a reload', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(5), async (steps, latencyMs) => {
        const { model, shown, play } = createPair(latencyMs)
        for (const now of [...steps, { do: 'close', which: 0 }]) {
          await play(now)
          expect(shown()).toEqual(model.shown())
        }
      }),
      { numRuns: 100 },
    )
  })

  it('puts back what it knows when the store was emptied, also when something is written in that moment', async () => {
    const { model, shown, play } = createPair(0)
    for (const name of ['kill', 'empty', 'add', 'close']) await play({ do: name, which: 0 })
    expect([...model.ids()]).toHaveLength(4)
    expect(shown()).toEqual(model.shown())
  })
})
