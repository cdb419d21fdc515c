/** What tests of a messaging application need: virtual time, chance that repeats, a network and a disk in memory, and the laws of each seam. */

export { createPuppetLifecycle, type PuppetLifecycle } from './lifecycle.js'
export { createMemoryLocks, type LocksContext, type MemoryLocks } from './locks.js'
export { createSeededRandom } from './seeded-random.js'
export { createTimeline, type Timeline, type TimelineClock, type TimelineOptions } from './timeline.js'
