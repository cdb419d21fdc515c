import type { Fields } from '../../protocol/index.js'
import type { AnyClient, Room } from '../api.js'
import { type Backstage, stageOf } from '../backstage.js'
import type { Message } from '../message.js'

/** Up to where a subscriber wants to hear nothing: a device that comes to a room for the first time reads what stood there before. */
export interface Floor {
  isAbove(message: Message<Fields>): boolean
  raise(seq: number): void
  stop(): void
}

/** `atHead`: nothing that the server has already; of a room that is not followed yet, when it is. */
export function createFloor(
  { on, connection }: Pick<AnyClient, 'on' | 'connection'>,
  { frames }: Pick<Backstage, 'frames'>,
  room: Room<Fields>,
  atHead: boolean,
): Floor {
  const { keeper, replica } = stageOf(room).followed
  // Where the server was heard, what it has already may still be on its way.
  const isHeard = replica.maySend()
  let floor = atHead && isHeard ? (keeper.ahead()?.seq ?? 0) + (replica.remaining() ?? 0) : 0
  let isOpen = atHead && !isHeard
  const wasConnected = connection.get().state === 'connected'
  const stops = [
    frames.on('subscribed', (frame) => {
      if (frame.room !== room.id || !isOpen) return
      isOpen = false
      floor = frame.head
    }),
    // On this connection the server may have been heard already: what comes on another one is new.
    connection.subscribe(() => {
      if (wasConnected && connection.get().state !== 'connected') isOpen = false
    }),
    // A server that came back with less numbers anew.
    on('reset', (reset) => {
      if (reset.room === room.id) floor = 0
    }),
  ]
  return {
    isAbove: ({ seq }) => (seq ?? 0) > floor,
    raise(seq) {
      floor = Math.max(floor, seq)
    },
    stop() {
      for (const stop of stops) stop()
    },
  }
}
