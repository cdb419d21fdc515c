/** What tests of a messaging application need: virtual time, chance that repeats, a network and a disk in memory, and the laws of each seam. */

export { type Law, LawBroken, type Pause } from './laws/law.js'
export { type LifecycleLaw, type LifecycleSetup, lifecycleLaws } from './laws/lifecycle.js'
export { type LocksLaw, type LocksSetup, locksLaws } from './laws/locks.js'
export { storageLaws } from './laws/storage.js'
export type { StorageLaw, StorageSetup } from './laws/storage-setup.js'
export { type TransportLaw, type TransportSetup, transportLaws } from './laws/transport.js'
export { type ScriptedSocket, scriptedPeer } from './laws/transport-peer.js'
export { createPuppetLifecycle, type PuppetLifecycle } from './lifecycle.js'
export { createMemoryLocks, type LocksContext, type MemoryLocks } from './locks.js'
export {
  createMemoryDisk,
  type DiskSnapshot,
  type MemoryDisk,
  type MemoryDiskOptions,
} from './memory-disk.js'
export {
  createMemoryNetwork,
  type Direction,
  type MemoryLink,
  type MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryServer,
} from './memory-network.js'
export type { Noise } from './network-noise.js'
export type { Accept, NetworkPeer, NetworkSocket } from './network-wire.js'
export { createPuppetServer, type PuppetServer } from './puppet-server.js'
export { createSeededRandom } from './seeded-random.js'
export { createTimeline, type Timeline, type TimelineClock, type TimelineOptions } from './timeline.js'
