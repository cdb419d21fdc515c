import type { ServerFrame } from 'tidings/protocol'
import type { FrameHead } from './wire.js'

/**
 * A greeted connection, as rooms, streams and operations see it. Plain fields and methods: a getter of a closure gives each object a hidden
 * class of its own, and whoever goes through a room would look its members up one by one.
 */
export interface Peer {
  readonly session: string
  readonly user: string
  /** What the token says of the user, as it came with the token that counts now. */
  readonly rights: unknown
  /** False once it is closed; then nothing is sent. */
  readonly open: boolean
  /** What was sent and not taken by the network yet: bytes there, characters here. */
  buffered(): number
  send(frame: ServerFrame): void
  /** Sends a frame that is text already, shared with others or with stored JSON inside. */
  sendText(head: FrameHead, text: string): void
}
