export { createHlc } from '../../src/core/messages/hlc.js'
export { compareText } from '../../src/protocol/index.js'
