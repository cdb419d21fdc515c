import type { Mutant } from '../mutant.js'

const TYPING = 'src/core/people/typing.ts'
const READING = 'src/core/messages/reading.ts'
const CELLS = 'src/core/people/read-cells.ts'

/** Defects of what people see of each other. */
export const people: readonly Mutant[] = [
  {
    name: 'S55 typing never ends by itself',
    why: 'A stop that is lost leaves somebody typing for ever.',
    ...{
      file: TYPING,
      find: 'cancel: clock.after(Math.min(expires, typingExpiresMs), () => end(user)),',
      replace: 'cancel: () => void expires,',
    },
  },
  {
    name: 'S49 typing is told at its end',
    why: 'The first key tells nobody anything.',
    ...{
      file: TYPING,
      find: "status === 'refused' || !tell()) return",
      replace: "status === 'refused') return",
    },
  },
  {
    name: 'S52 typing is told of another room',
    why: 'Who types in one room is seen in all of them.',
    ...{
      file: TYPING,
      find: 'if (room !== followed.id || user === client.user) return',
      replace: 'if (user === client.user) return\n    void room',
    },
  },
  {
    name: 'receipts go back',
    why: 'The last mark counts, not the furthest.',
    ...{
      file: READING,
      find: 'if (upTo <= (mark ?? 0)) return false',
      replace: 'if (upTo === mark) return false',
    },
  },
  {
    name: 'the server knows best how far somebody has read',
    why: 'What was read and not told yet is taken back when a room is joined.',
    ...{
      file: READING,
      find: 'if (own !== null && mark !== null && own > mark) move(mark, own)',
      replace: 'if (own === -1) move(0, own)',
    },
  },
  {
    name: 'S61 a receipt counts as told when it was not taken',
    why: 'What could not be handed to the connection is forgotten.',
    ...{
      file: CELLS,
      find: "if (client.send({ type: 'read_receipt', room, upTo, at }, 'ephemeral')) told.set(room, upTo)",
      replace:
        "if (upTo % 2 === 0 || client.send({ type: 'read_receipt', room, upTo, at }, 'ephemeral')) told.set(room, upTo)",
    },
  },
  {
    name: 'the others do not hear who has read',
    why: 'A mark that moves is told to those alone who join later.',
    ...{
      file: 'server/src/core/receipts.ts',
      find: 'for (const peer of rooms.present(room)) peer.sendText',
      replace: 'for (const peer of rooms.present(room).slice(1)) peer.sendText',
    },
  },
]
