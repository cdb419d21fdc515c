import type { Bus } from './bus.js'

/** What one node does in a room and the others have to do as well. */
export type Relayed =
  | { readonly is: 'typing_start' | 'typing_stop'; readonly user: string }
  | { readonly is: 'kick'; readonly user: string; readonly code: string }

export interface Relay {
  /** To every other node with somebody in the room. */
  tell(room: string, relayed: Relayed): void
  /** Told of what another node relays. */
  hear(listener: (room: string, relayed: Relayed) => void): () => void
}

/** What another node said; undefined for what a newer one may say that this one does not know. */
function read(text: string): Relayed | undefined {
  const said: unknown = JSON.parse(text)
  const field = (name: string): unknown =>
    typeof said === 'object' && said !== null ? Reflect.get(said, name) : undefined
  const [is, user, code] = [field('is'), field('user'), field('code')]
  if (typeof user !== 'string') return undefined
  if (is === 'typing_start' || is === 'typing_stop') return { is, user }
  return is === 'kick' && typeof code === 'string' ? { is, user, code } : undefined
}

export const createRelay = (bus: Bus): Relay => ({
  tell: (room, relayed) => bus.tell(room, JSON.stringify(relayed)),
  hear: (listener) =>
    bus.hear((room, text) => {
      const relayed = read(text)
      if (relayed) listener(room, relayed)
    }),
})
