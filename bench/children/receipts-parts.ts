// One bundle: receipts find the parts of a room only in the copy of the code that made it.
export { stageOf } from '../../src/core/backstage.js'
export { createClientOn } from '../../src/core/client.js'
export { receipts } from '../../src/core/people/receipts.js'
export { formatStamp } from '../../src/protocol/index.js'
export {
  createMemoryDisk,
  createMemoryLocks,
  createPuppetLifecycle,
  createPuppetServer,
  createSeededRandom,
  createTimeline,
} from '../../src/testing/index.js'
