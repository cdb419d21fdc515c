import type { Bus } from './bus.js'

/** What one node does in a room and the others have to do as well. */
export type Relayed =
  | { readonly is: 'typing_start' | 'typing_stop'; readonly user: string }
  | { readonly is: 'kick'; readonly user: string; readonly code: string }
  /** The same for nodes on which nobody follows the room, told everywhere: the user may be reading it there. */
  | { readonly is: 'expel'; readonly from: string; readonly user: string; readonly code: string }

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
  const [is, user, code, from] = [field('is'), field('user'), field('code'), field('from')]
  if (typeof user !== 'string') return undefined
  if (is === 'typing_start' || is === 'typing_stop') return { is, user }
  if (typeof code !== 'string') return undefined
  if (is === 'expel' && typeof from === 'string') return { is, from, user, code }
  return is === 'kick' ? { is, user, code } : undefined
}

export const createRelay = (bus: Bus): Relay => ({
  tell: (room, relayed) => bus.tell(room, JSON.stringify(relayed)),
  hear: (listener) =>
    bus.hear((room, text) => {
      const relayed = read(text)
      if (relayed) listener(room, relayed)
    }),
})
