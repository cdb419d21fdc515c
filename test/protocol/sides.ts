import {
  clientFrames,
  decodeClientText,
  decodeServerText,
  serverFrames,
  WIRE,
} from '../../src/protocol/index.js'

/** Who sends, how it is read, its frames, and the most bytes of a text. */
export const sides = [
  ['client', decodeClientText, clientFrames, WIRE.clientTextBytes],
  ['server', decodeServerText, serverFrames, WIRE.serverTextBytes],
] as const
