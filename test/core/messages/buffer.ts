import {
  createOrderedBuffer,
  type OrderedBufferParts,
  type Ready,
} from '../../../src/core/messages/ordered-buffer.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/timeline.js'

export interface Item {
  readonly id: string
  readonly stamp: string
}

export const NODE = 'aaaaaaaaaaa'

/** A buffer on virtual time, the items that are put into it, and what it gave out. */
export const setUp = (options: Partial<OrderedBufferParts<Item>> = {}, clockOffsetMs = 0) => {
  const timeline = createTimeline({ turns: 1 })
  const clock = timeline.clock(clockOffsetMs)
  const batches: Ready<Item>[][] = []
  const buffer = createOrderedBuffer<Item>({
    clock,
    idOf: (item) => item.id,
    stampOf: (item) => item.stamp,
    onReady: (batch) => batches.push([...batch]),
    holdBackMs: 1_000,
    ...options,
  })
  /** An item stamped `ms` after the start of the test. */
  const start = timeline.now()
  const item = (id: string, ms: number): Item => ({ id, stamp: formatStamp(start + ms, 0, NODE) })
  const ids = () => batches.flat().map((ready) => ready.item.id)
  const late = () =>
    batches
      .flat()
      .filter((ready) => ready.late)
      .map((ready) => ready.item.id)
  return { timeline, clock, batches, buffer, item, ids, late }
}
