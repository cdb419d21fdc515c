/**
 * The version of the wire that this build speaks. `test/protocol/version.test.ts` pins the hash of the schema beside it:
 * a change of the wire that an older peer could not ignore raises the number.
 *
 * History
 * - 1: first version; receipts, typing and presence came to it as types that an older peer ignores, `around` of sync_request as
 *   a field that it ignores: a client sees from the page whether it was understood; `limits.gatherMs` of subscribed asks nothing of it.
 */
export const PROTOCOL_VERSION = 1

/** The WebSocket subprotocol both sides must agree on. */
export const SUBPROTOCOL = 'tidings.v1.json'
