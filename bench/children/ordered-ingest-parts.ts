export { createOrderedList } from '../../src/core/messages/ordered-list.js'
export { compareText, formatStamp } from '../../src/protocol/index.js'
