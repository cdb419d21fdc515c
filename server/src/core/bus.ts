/**
 * What the nodes of one server tell each other. The law, which `server/test/bus-laws.ts` checks on every implementation:
 * - Once `enter` has resolved, all that is told in the room and committed to its log arrives here, until `leave` was called as often.
 *   `undefined` stands for what is so at once.
 * - `tell` reaches every other node that has entered the room, and not the one that tells. Texts of one node arrive in order and once;
 *   some may be lost with a connection. Nothing is stored.
 * - The log's followers are told of entries of the rooms that were entered, and of what was appended here, in order of seq and once.
 */
export interface Bus {
  enter(room: string): Promise<void> | undefined
  leave(room: string): void
  tell(room: string, text: string): void
  hear(listener: (room: string, text: string) => void): () => void
}

/** For a server that is alone: everything is here already. */
export const NO_BUS: Bus = {
  enter: () => undefined,
  leave: () => {},
  tell: () => {},
  hear: () => () => {},
}
