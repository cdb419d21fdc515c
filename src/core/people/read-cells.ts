import { type Backstage, onePer } from '../backstage.js'
import { createEmitter } from '../emitter.js'
import { receiptGatherMs } from '../limits.js'
import { mayBeTheLast } from '../seams/lifecycle.js'
import { beyond, createCellDisk, merged, type ReadCell, saysMore } from './cell-disk.js'

/**
 * The read receipts of a client that are on their way, for all rooms: kept on disk until the server has them, told half a second after
 * something was read, and again after each reconnect. What an earlier life of the page left is told as well.
 */
export interface ReadCells {
  /** Undefined when nothing is on its way. */
  get(room: string): ReadCell | undefined
  /** Adds what was read: the larger position counts, and what was seen beyond it. */
  put(room: string, cell: ReadCell): void
  /** Told of rooms about which an earlier life of the page, or another tab, knew more. */
  onLearned(listener: (room: string) => void): () => void
}

/** One for each client. Nothing is opened, armed or listened to before the client is asked to connect. */
export const readCellsOf = /* @__PURE__ */ onePer<Backstage, ReadCells>(createReadCells)

function createReadCells(client: Backstage): ReadCells {
  const known = new Map<string, ReadCell>()
  /** The server's marks for this user. */
  const acked = new Map<string, number>()
  const learned = createEmitter<{ room: string }>(client.onThrow)
  const teller = createTeller(client, known)
  const disk = createCellDisk({
    client,
    cell: (room) => known.get(room),
    rooms: () => known.keys(),
    onRead(room, cell, from) {
      if (!put(room, cell)) return
      // A living tab tells by itself what was read in it.
      if (from === 'elsewhere') teller.leave(room, cell.upTo)
      learned.emit('room', room)
    },
  })

  function put(room: string, told: ReadCell): boolean {
    const before = known.get(room)
    const cell = beyond(told, acked.get(room) ?? 0)
    if (!cell || !saysMore(before, cell)) return false
    known.set(room, before ? merged(before, cell) : cell)
    teller.arm()
    return true
  }

  /** What the server has need not be told, nor kept. */
  function settle(room: string, upTo: number): void {
    acked.set(room, upTo)
    const cell = known.get(room)
    if (!cell || upTo < cell.upTo || upTo === 0) return
    const seen = cell.seen.filter((seq) => seq > upTo)
    if (seen.length > 0) known.set(room, { ...cell, upTo, seen })
    else known.delete(room)
    teller.leave(room, upTo)
    disk.touch(room, upTo)
  }

  function forget(room: string): void {
    if (known.delete(room)) disk.touch(room, Number.POSITIVE_INFINITY)
  }

  client.frames.on('read_receipt', ({ room, readers }) => {
    const own = readers.find(({ readBy }) => readBy === client.user)
    if (own && own.upTo > (acked.get(room) ?? 0)) settle(room, own.upTo)
  })
  client.frames.on('subscribed', ({ room, mark, head }) => {
    const cell = known.get(room)
    // A log that came back with less was not read beyond its end.
    if (cell && cell.upTo > head) {
      known.set(room, { ...cell, upTo: head, seen: [] })
      disk.touch(room, Number.POSITIVE_INFINITY)
    }
    settle(room, mark ?? 0)
  })
  client.frames.on('unsubscribed', ({ room, code, retryable }) => {
    // One room too many is none that the user may not read.
    if (!retryable && code !== 'too_many_rooms') forget(room)
  })

  let isStarted = false
  function look(): void {
    const { state } = client.connection.get()
    if (!isStarted && state !== 'idle' && state !== 'destroyed') {
      isStarted = true
      teller.start()
      disk.start()
      for (const room of known.keys()) disk.touch(room)
    }
    teller.look()
  }
  const stopLooking = client.connection.subscribe(look)
  client.onEnd(() => {
    stopLooking()
    teller.end()
    disk.end()
    learned.clear()
  })
  look()

  return {
    get: (room) => known.get(room),
    put(room, cell) {
      if (put(room, cell)) disk.touch(room)
    },
    onLearned: (listener) => learned.on('room', listener),
  }
}

/** Tells the server: gathered, at most one frame a room at a time, and from the start after each reconnect. */
function createTeller(client: Backstage, known: ReadonlyMap<string, ReadCell>) {
  const { clock, connection } = client
  /** Up to where this connection was told, by room. */
  const told = new Map<string, number>()
  let cancel: (() => void) | undefined
  let flushedAt = Number.NEGATIVE_INFINITY
  let stopListening: (() => void) | undefined

  const isConnected = (): boolean => connection.get().state === 'connected'
  const due = (): (readonly [string, ReadCell])[] =>
    [...known].filter(([room, { upTo }]) => upTo > (told.get(room) ?? 0))

  /** One timer, and only while something can be told. */
  function arm(): void {
    if (!cancel && isConnected() && due().length > 0) cancel = clock.after(receiptGatherMs, flush)
  }

  function disarm(): void {
    cancel?.()
    cancel = undefined
  }

  function flush(): void {
    disarm()
    flushedAt = clock.now()
    for (const [room, { upTo, at }] of due())
      if (client.send({ type: 'read_receipt', room, upTo, at }, 'ephemeral')) told.set(room, upTo)
    // Where the connection is crowded they go with the next ones.
    arm()
  }

  /** The page may be gone in a moment. */
  function hurry(): void {
    const sinceMs = clock.now() - flushedAt
    const isSoon = sinceMs >= 0 && sinceMs < receiptGatherMs
    if (cancel && !isSoon) flush()
  }

  return {
    arm,
    leave(room: string, upTo: number): void {
      if (isConnected()) told.set(room, Math.max(told.get(room) ?? 0, upTo))
    },
    start(): void {
      stopListening = client.lifecycle.listen((signal) => {
        if (mayBeTheLast(signal)) hurry()
      })
    },
    look(): void {
      if (isConnected()) return arm()
      disarm()
      told.clear()
    },
    end(): void {
      disarm()
      stopListening?.()
    },
  }
}
