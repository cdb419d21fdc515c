import type { Fields } from '../../protocol/index.js'
import type { AnyClient, Room } from '../api.js'
import type { Backstage } from '../backstage.js'
import type { Message } from '../message.js'
import { perTick } from '../per-tick.js'
import { behind } from './backlog.js'
import { createFloor } from './floor.js'

/** Only what is new. */
export const NEW = '$'

export interface SubscriptionParts {
  readonly client: Pick<AnyClient, 'on' | 'connection'>
  readonly backstage: Pick<Backstage, 'clock' | 'frames'>
  readonly room: Room<Fields>
  readonly offset: string
  /** In the order of the log; those of one tick together. */
  readonly tell: (messages: readonly Message<Fields>[]) => void
}

/** A channel that is followed. */
export interface Subscription {
  /** Resolves when what stood behind the offset was told, or it is over; rejects when that cannot be had. */
  readonly begun: Promise<void>
  stop(): void
}

export function startSubscription({
  client,
  backstage,
  room,
  offset,
  tell,
}: SubscriptionParts): Subscription {
  let phase: 'reading' | 'live' | 'over' = 'reading'
  /** What came and was not told. */
  let waiting: Message<Fields>[] = []
  let wake = () => {}
  const over = new Promise<void>((resolve) => {
    wake = resolve
  })
  const floor = createFloor(client, backstage, room, offset === NEW)
  const flush = perTick<void>(() => {
    if (phase !== 'live') return
    const due = waiting.filter(floor.isAbove)
    waiting = []
    tell(due)
  })
  const stopArrivals = room.arrivals((message) => {
    waiting.push(message)
    flush()
  })

  async function begin(): Promise<void> {
    if (offset !== NEW) {
      const wanted = { clock: backstage.clock, over, isOver: () => phase === 'over' }
      const { place, messages } = await behind(room, offset, wanted)
      floor.raise(place)
      const told = new Set(messages.map(({ id }) => id))
      waiting = [...messages, ...waiting.filter(({ id }) => !told.has(id))]
    }
    if (phase === 'over') return
    phase = 'live'
    flush()
    await Promise.resolve()
  }

  return {
    begun: begin(),
    stop() {
      phase = 'over'
      wake()
      stopArrivals()
      floor.stop()
    },
  }
}
