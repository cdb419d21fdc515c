/**
 * What the nodes of one server tell each other. The law, which `server/test/bus-laws.ts` checks on every implementation:
 * - Once `enter` has resolved, all that is told in the room and committed to its log arrives here, until `leave` was called as often.
 *   `undefined` stands for what is so at once.
 * - `tell` reaches every other node that has entered the room, and not the one that tells. Texts of one node arrive in order and once;
 *   some may be lost with a connection. Nothing is stored.
 * - The room without a name is every node's: what is told there reaches all others, and nobody enters it.
 * - The log's followers are told of entries of the rooms that were entered, and of what was appended here, in order of seq and once.
 */
export interface Bus {
  enter(room: string): Promise<void> | undefined
  leave(room: string): void
  tell(room: string, text: string): void
  hear(listener: (room: string, text: string) => void): () => void
}

/** No room is called so: what is told there is for all nodes. */
export const EVERYWHERE = ''

/** For a server that is alone: everything is here already. */
export const NO_BUS: Bus = {
  enter: () => undefined,
  leave: () => {},
  tell: () => {},
  hear: () => () => {},
}

/** Several servers in one process, as tests have them: each `node()` is one of them, and all of them share one log. */
export function createMemoryBus(): { node(): Bus } {
  const nodes = new Set<(from: symbol, room: string, text: string) => void>()
  return {
    node() {
      const self = Symbol('node')
      const entered = new Map<string, number>()
      const listeners = new Set<(room: string, text: string) => void>()
      nodes.add((from, room, text) => {
        const isMeant = room === EVERYWHERE || entered.has(room)
        if (from !== self && isMeant) for (const listener of listeners) listener(room, text)
      })
      return {
        enter(room) {
          entered.set(room, (entered.get(room) ?? 0) + 1)
          return undefined
        },
        leave(room) {
          const count = (entered.get(room) ?? 0) - 1
          if (count > 0) entered.set(room, count)
          else entered.delete(room)
        },
        tell(room, text) {
          for (const node of nodes) node(self, room, text)
        },
        hear(listener) {
          listeners.add(listener)
          return () => {
            listeners.delete(listener)
          }
        },
      }
    },
  }
}
