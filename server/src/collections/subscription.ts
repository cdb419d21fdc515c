import type { LogEntry } from 'tidings/protocol'
import type { Inbound } from '../core/context.js'
import { type RoomReaderOptions, readRoom } from '../sockets/room-reader.js'
import { idWithin, type Place } from './place.js'

/** An event as readers of collections get it. */
export interface CollectionEvent {
  readonly id: string
  readonly data: unknown
}

export interface SubscriptionParts
  extends Pick<RoomReaderOptions, 'opened' | 'origin' | 'token' | 'device' | 'room'> {
  readonly place: Place
  /** The events of this collection begin behind this id. */
  readonly onOpen: (lastId: string) => void
  readonly onEvents: (events: readonly CollectionEvent[]) => void
  /** What came after the place that was named is not kept any more, or was lost: events go on behind this id. */
  readonly onGap: (reason: string, lastId: string) => void
  readonly onEnd: (end: { readonly code: number } | { readonly refused: string }) => void
  readonly bufferedAmount: () => number
}

/** One collection that a socket follows. */
export interface Subscription {
  /** Whether an event of this id was told. */
  wasTold(id: string): boolean
  end(): void
}

/** Ids that may be acknowledged: those of the last events. */
const REMEMBERED = 1_000

/** The change alone, where the entry is one: who reads a collection knows where it reads. */
function changeIn({ body }: LogEntry): unknown {
  if (typeof body !== 'object' || body === null || !('action' in body) || !('record' in body)) return body
  return { action: body.action, record: body.record }
}

export function createSubscription(parts: SubscriptionParts): Subscription {
  const { place, onOpen, onEvents, onGap, onEnd, bufferedAmount } = parts
  /** Behind which position the next entries lie. */
  let behind = typeof place.from === 'string' ? '' : place.from.cursor
  let isOpen = false
  let isOver = false
  const told = new Set<string>()

  const idOfPlace = (): string => {
    if (place.from === 'head') return '$'
    if (place.seen > 0) return idWithin(behind, place.seen)
    return place.from === 'start' ? '0' : behind
  }

  function tell(entries: readonly LogEntry[], cursor: string): void {
    const start = behind
    behind = cursor
    const events = entries.flatMap((entry, i) => {
      if ((entry.kind !== 'create' && entry.kind !== 'system') || entry.seq <= place.seen) return []
      const id = i === entries.length - 1 ? cursor : idWithin(start, entry.seq)
      return { id, data: changeIn(entry) }
    })
    if (events.length === 0) return
    for (const { id } of events) told.add(id)
    for (const id of told) {
      if (told.size <= REMEMBERED) break
      told.delete(id)
    }
    onEvents(events)
  }

  function open(): void {
    if (isOpen) return
    isOpen = true
    onOpen(idOfPlace())
  }

  const reader: Inbound = readRoom(
    { ...parts, from: place.from },
    {
      onOpen: open,
      onEntries: tell,
      onReset({ reason }, cursor) {
        open()
        behind = cursor
        onGap(reason, cursor)
      },
      onAway: () => undefined,
      onEnd(end) {
        if (isOver) return
        isOver = true
        onEnd(end)
      },
      get bufferedAmount() {
        return bufferedAmount()
      },
    },
  )
  return {
    wasTold: (id) => told.has(id),
    end() {
      isOver = true
      reader.closed()
    },
  }
}
