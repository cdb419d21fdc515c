import { expect } from 'vitest'
import {
  createTimestampSync,
  type TimestampPosition,
  type TimestampSyncParts,
} from '../../../src/core/messages/timestamp-sync.js'
import { createTimeline } from '../../../src/testing/timeline.js'

export interface Row {
  readonly id: string
  readonly at: number
  readonly text?: string
}

export const START = 1_704_067_200_000

/** An honest backend without cursors: rows by (time, id), inclusive, at most `cap` a page. */
export const createBackend = (cap = 100_000) => {
  const rows: Row[] = []
  const asked: { since: number; limit: number }[] = []
  return {
    rows,
    asked,
    put: (...more: Row[]) => rows.push(...more),
    page({ since, limit }: { since: number; limit: number }) {
      asked.push({ since, limit })
      const found = rows
        .filter((row) => row.at >= since)
        .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
      const count = Math.min(limit, cap)
      return { messages: found.slice(0, count), hasMore: found.length > count }
    },
  }
}

/** What a device keeps: rows and position change together or not at all. */
export const createDisk = () => {
  const disk = {
    rows: [] as Row[],
    position: undefined as TimestampPosition | undefined,
    full: false,
    load: async () => disk.position,
    commit: async (messages: readonly Row[], position: TimestampPosition) => {
      if (disk.full) throw new Error('the disk is full')
      disk.rows.push(...messages)
      // What a real store keeps is JSON.
      disk.position = JSON.parse(JSON.stringify(position))
    },
  }
  return disk
}

export const setUp = (
  options: Partial<TimestampSyncParts<Row>> = {},
  backend = createBackend(),
  disk = createDisk(),
) => {
  const timeline = createTimeline({ turns: 2 })
  const told: string[] = []
  const errors: string[] = []
  const make = () =>
    createTimestampSync<Row>({
      clock: timeline.clock(),
      fetchPage: async (request) => backend.page(request),
      idOf: (row) => row.id,
      timestampOf: (row) => row.at,
      store: disk,
      onMessages: (rows) => told.push(...rows.map((row) => row.id)),
      onError: (error) => errors.push(error.code),
      limit: 10,
      ...options,
    })
  return { timeline, backend, disk, told, errors, sync: make(), restart: make }
}

export const many = (count: number, at: (n: number) => number): Row[] =>
  Array.from({ length: count }, (_, n) => ({ id: `m${String(n).padStart(5, '0')}`, at: at(n) }))

export const coded = (code: string) => expect.objectContaining({ name: 'TidingsError', code })
