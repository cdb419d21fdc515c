import {
  type Client,
  createClientOn,
  presence,
  receipts,
  type Storage,
  type StorageChange,
  typing,
} from 'tidings/core'
import { createMemoryDisk, createPuppetLifecycle, createSeededRandom, createTimeline } from 'tidings/testing'
import { createHeapGauge } from '../heap.js'
import { createCrier } from './crier.js'

export interface DayOptions {
  /** Messages of the day, spread evenly over it. */
  readonly messages: number
  /** Given the client before it connects: what an application does with it. For canaries. */
  readonly page?: (client: Client) => void
}

/** What a day did to the heap. */
export interface DayTally {
  readonly messages: number
  readonly reconnects: number
  readonly sent: number
  /** Bytes in use at each full hour, from the end of the warm-up on. */
  readonly heapBytes: readonly number[]
  /** The most of them over the first. */
  readonly growthBytes: number
  readonly shown: number
}

const HOUR_MS = 3_600_000
const HOURS = 24
/** A room is full, a list is at its bound, code is compiled, and the engine has settled. */
const WARM_UP_HOURS = 6
const STEPS_AN_HOUR = 416
const RECONNECT_EVERY = 10
const SEND_EVERY = 20
/** Messages that the server remembers, and about as many as are left on the disk. */
const KEPT = 10_000
const BLOCKS = Math.ceil(KEPT / 128)
const USER = 'alice'

const BLOCK_KEY = /^(b\/.*\/)([0-9a-z]{10})$/

/** What makes room for a block: one that is long past goes. */
function makeRoom(change: StorageChange): StorageChange[] {
  const [, prefix, number] = ('put' in change && change.put.match(BLOCK_KEY)) || []
  if (prefix === undefined || number === undefined) return [change]
  const old = Number.parseInt(number, 36) - BLOCKS
  return old < 0 ? [change] : [change, { del: prefix + old.toString(36).padStart(10, '0') }]
}

/** A disk whose older blocks go, so that what grows is not the disk, which lies in the same heap here. */
function boundedStorage(storage: Storage): Storage {
  return {
    ...storage,
    async open(name) {
      const store = await storage.open(name)
      return {
        ...store,
        transact: (keys, fn, durability) =>
          store.transact(
            keys,
            (values) => {
              const { changes, result } = fn(values)
              return { changes: changes.flatMap(makeRoom), result }
            },
            durability,
          ),
      }
    },
  }
}

function show(client: Client): void {
  const room = client.room('general')
  const { state } = receipts(room)
  room.timeline.subscribe(() => room.timeline.get())
  state.subscribe(() => state.get().readers)
  typing(room).users.subscribe(() => {})
  presence(client)
    .inRoom('general')
    .subscribe(() => {})
  client.rooms.subscribe(() => client.rooms.get())
  client.outbox.subscribe(() => {})
}

/** Plays 24 hours of one client in a busy room, with a page that shows all of it, and measures the heap at every full hour. */
export async function playDay({ messages, page = () => {} }: DayOptions): Promise<DayTally> {
  const gauge = createHeapGauge()
  const timeline = createTimeline({ turns: 1 })
  const crier = createCrier({ user: USER, now: timeline.now, kept: KEPT })
  const client = createClientOn(
    {
      clock: timeline.clock(),
      random: createSeededRandom(1),
      storage: boundedStorage(createMemoryDisk().storage()),
      connect: crier.connect,
      lifecycle: createPuppetLifecycle(),
    },
    { url: 'memory://crier', user: USER },
  )
  show(client)
  page(client)
  client.connect()
  await timeline.settle()
  const heapBytes: number[] = []
  const steps = HOURS * STEPS_AN_HOUR
  const counts = { reconnects: 0, sent: 0 }
  for (let step = 0, told = 0; step < steps; step++) {
    const due = Math.floor((messages * (step + 1)) / steps)
    crier.cry(due - told)
    told = due
    if (step % SEND_EVERY === 0) {
      client.room('general').send({ text: `mine ${counts.sent++}` })
    }
    if (step % RECONNECT_EVERY === 0) {
      crier.drop()
      counts.reconnects += 1
    }
    await timeline.advance(HOUR_MS / STEPS_AN_HOUR)
    if ((step + 1) % STEPS_AN_HOUR === 0 && (step + 1) / STEPS_AN_HOUR >= WARM_UP_HOURS)
      heapBytes.push(gauge.usedBytes())
  }
  const shown = client.room('general').timeline.get().items.length
  const ended = client.destroy()
  await timeline.advance(1)
  await ended
  const [first = 0] = heapBytes
  return { messages, ...counts, heapBytes, growthBytes: Math.max(...heapBytes) - first, shown }
}
