import { onTestFinished } from 'vitest'
import { type Consumers, type ConsumersParts, createConsumers } from '../../src/consuming/consumers.js'
import {
  type Batch,
  type ConsumeOptions,
  createMemoryLog,
  type Log,
  type Operation,
} from '../../src/index.js'
import type { ServerEvent } from '../../src/operating/events.js'
import { createOperation } from './operations.js'
import { createCounting, createTimeline, type Timeline } from './timeline.js'

/** Workers on a log in memory, on virtual time. */
export interface ConsumingBench {
  readonly time: Timeline
  readonly log: Log
  readonly consumers: Consumers & { close(): Promise<void> }
  readonly events: ServerEvent[]
  readonly batches: Batch[]
  consume(more?: Partial<ConsumeOptions>): ReturnType<Consumers['consume']>
  write(...operations: readonly (string | Partial<Operation>)[]): Promise<void>
}

export const ROOM = 'orders/1'

export function consumingBench(parts: Partial<ConsumersParts> = {}): ConsumingBench {
  const time = createTimeline()
  const log = parts.log ?? createMemoryLog({ clock: time })
  const events: ServerEvent[] = []
  const tell = (event: ServerEvent) => void events.push(event)
  const consumers = createConsumers({ log, clock: time, random: createCounting(), tell, ...parts })
  const batches: Batch[] = []
  return {
    time,
    log,
    consumers,
    events,
    batches,
    consume: (more = {}) =>
      consumers.consume({
        rooms: 'orders/*',
        group: 'indexer',
        handle: (batch) => void batches.push(batch),
        ...more,
      }),
    async write(...operations) {
      await log.append(
        operations.map((each) => {
          const more = typeof each === 'string' ? { id: each } : each
          return createOperation(more.id ?? '', { room: ROOM, ...more })
        }),
      )
      await time.advance(0)
    },
  }
}

/** A handler that waits until it is told to end. */
export function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  onTestFinished(() => open())
  return { opened, open: () => open() }
}

export const idsOf = (batches: readonly Batch[]): string[][] =>
  batches.map(({ entries }) => entries.map(({ id }) => id))
