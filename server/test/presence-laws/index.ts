import type { Presence } from '../../src/index.js'
import type { Timeline } from '../support/timeline.js'
import { presenceBench } from './bench.js'
import { connectionLaws } from './connections.js'
import { roomLaws } from './rooms.js'

/** The law of the presence seam, for any implementation with a time to live of 75 s and a grace of 15 s. */
export function presenceLaws(make: (time: Timeline) => Presence): void {
  const bench = presenceBench(make)
  connectionLaws(bench)
  roomLaws(bench)
}
