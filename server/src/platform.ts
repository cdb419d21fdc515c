import { randomBytes } from 'node:crypto'
import { nanoid } from 'nanoid'
import type { Clock, Random } from './core/seams.js'

/** Node's time. `after(0)` comes after what the event loop has already taken in, so a tick gathers all of it. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    if (ms <= 0) {
      const immediate = setImmediate(fn)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}

/** 120 bits. */
const ID_CHARS = 20

/** Node's chance. Ids are made of bytes that are drawn many at a time: each entry of server code takes one. */
export const nodeRandom: Random = {
  next: () => randomBytes(4).readUInt32BE() / 0x1_0000_0000,
  id: () => nanoid(ID_CHARS),
}
