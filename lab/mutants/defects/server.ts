import type { Mutant } from '../mutant.js'

const COMMIT = 'server/src/log/commit.ts'
const ROOMS = 'server/src/core/rooms.ts'
const OPERATIONS = 'server/src/core/operations.ts'

/** Defects of the server on which what clients promise rests. */
export const server: readonly Mutant[] = [
  {
    name: 'a repeat is answered without its place',
    why: 'The second acknowledgement does not say where the message stands.',
    ...{
      file: COMMIT,
      find: "...('seq' in prior && { seq: prior.seq }),",
      replace: "...('seq' in prior && { seq: 0 }),",
    },
  },
  {
    name: 'an event names itself as its predecessor',
    why: 'Every event looks as if something was missing before it, or nothing ever was.',
    ...{
      file: COMMIT,
      find: 'const prev = cursorAt(tail.head, tail.mark)',
      replace: 'const prev = cursorAt(seq, mark)',
    },
  },
  {
    name: 'S175 the last who follows a room hears nothing of it',
    why: 'The events of a room go to all but one.',
    ...{
      file: ROOMS,
      find: 'for (const member of hall.members.values())',
      replace:
        'for (const member of [...hall.members.values()].slice(0, Math.max(2, hall.members.size - 1)))',
    },
  },
  {
    name: 'S76 pages bring messages as they were made',
    why: 'Edits and removals are not in what a page shows.',
    ...{
      file: 'server/src/log/memory.ts',
      find: 'if (row) open(room).rows[seq - 1] = { ...row, ...present }',
      replace: 'if (row) open(room).rows[seq - 1] = { ...row, ...present, body: row.body }',
    },
  },
  {
    name: 'S145 the order of an array is not kept',
    why: 'What follows a refusal is committed before it.',
    file: OPERATIONS,
    find: 'blocked.add(room)',
    replace: 'blocked.delete(room)',
  },
  {
    name: 'an event does not say what it is about',
    why: 'Edits and reactions reach those who follow without the message that they change.',
    ...{
      file: COMMIT,
      find: '...(target && { target: asTarget(target) }),',
      replace: '...(target && isMessage(kind) && { target: asTarget(target) }),',
    },
  },
]
