// One bundle: a client and the protocol that its server speaks.
export { createClientOn } from '../../src/core/client.js'
export { decodeClientText, encodeFrames, formatStamp } from '../../src/protocol/index.js'
export {
  createMemoryLocks,
  createPuppetLifecycle,
  createSeededRandom,
  createTimeline,
} from '../../src/testing/index.js'
