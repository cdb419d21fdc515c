import type { Mutant } from '../mutant.js'

const LOG = 'src/core/messages/log.ts'
const ROOM_DISK = 'src/core/messages/room-disk.ts'
const WINDOW = 'src/core/messages/window.ts'
const TABLE = 'src/core/storage/ordered-table.ts'

/** Defects of a room's log on the device. */
export const replicaDisk: readonly Mutant[] = [
  {
    name: 'a block is written without what it held',
    why: 'What comes later replaces what came before.',
    ...{
      file: 'src/core/messages/blocks.ts',
      find: '[...(blocks.get(number) ?? [])]',
      replace: '[...(blocks.get(number) ?? []).slice(-3)]',
    },
  },
  {
    name: 'what the disk refused is not owed to it',
    why: 'The next write leaves a hole that no position tells of.',
    ...{
      file: ROOM_DISK,
      find: 'debt.owed && [...debt.owed, ...entries] : entries',
      replace: 'debt.owed && entries : entries',
    },
  },
  {
    name: 'what the disk refused is not on it, and nobody knows',
    why: 'The room goes on in memory as if the disk had taken it.',
    ...{
      file: ROOM_DISK,
      find: 'if (!debt) onRefused(cause)\n    debt = next',
      replace: 'void [next, cause]',
    },
  },
  {
    name: 'what is known is not changed any more',
    why: 'A message that is in memory stays as it came.',
    ...{
      file: WINDOW,
      find: 'one.rev < other.rev ||',
      replace: 'one.version < other.version ||',
    },
  },
  {
    name: 'an operation does not move rev',
    why: 'Whoever has two states of a message cannot tell which is newer.',
    ...{
      file: 'src/core/messages/apply.ts',
      find: 'settled({ ...folded, rev: seq })',
      replace: 'settled(folded)',
    },
  },
  {
    name: 'keys are kept in the order of their arrival',
    why: 'A scan of the store finds what it should not, and misses what it should find.',
    file: TABLE,
    find: 'keys.splice(firstFrom(key), 0, key)',
    replace: 'keys.push(key)',
  },
  {
    name: 'S188 the newest message is not read again',
    why: 'What a reload reads from the disk ends before the position.',
    file: 'src/core/messages/newest.ts',
    find: 'seq >= lowest && seq <= newest.upTo',
    replace: 'seq >= lowest && seq < newest.upTo',
  },
  {
    name: 'the first message of a stretch is not read again',
    why: 'A scan leaves out the message at which it begins.',
    ...{
      file: LOG,
      find: 'message.seq >= from && message.seq <= to',
      replace: 'message.seq > from && message.seq <= to',
    },
  },
]
