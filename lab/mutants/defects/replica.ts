import type { Mutant } from '../mutant.js'

const REPLICA = 'src/core/messages/replica.ts'
const TURNS = 'src/core/messages/turns.ts'

/** Defects of how a room follows the server. */
export const replica: readonly Mutant[] = [
  {
    name: 'prev is not compared',
    why: 'An event is taken although something before it is missing.',
    ...{
      file: REPLICA,
      find: '1))\n      return missed(frame)',
      replace: '1))\n      void missed',
    },
  },
  {
    name: 'S66 a gap is seen and nothing is asked',
    why: 'An event that does not follow is dropped.',
    ...{
      file: REPLICA,
      find: '1))\n      return missed(frame)',
      replace: '1))\n      return undefined',
    },
  },
  {
    name: 'the position is that of the server',
    why: 'What was missed while away is passed over, if it was little.',
    file: REPLICA,
    find: 'else queue(phase)',
    replace:
      'else if (frame.seq - (keeper.ahead()?.seq ?? 0) === 1) {\n        keeper.follow([], { seq: frame.seq, cursor: frame.cursor })\n        goLive(phase.waiting)\n      } else queue(phase)',
  },
  {
    name: 'the second room never gets its turn',
    why: 'Who has caught up does not let the next one begin.',
    ...{
      file: TURNS,
      find: '        holder = undefined\n        grant()',
      replace: '        holder = undefined',
    },
  },
  {
    name: 'S130 it gives up after three attempts',
    why: 'A server that is away for longer is never asked again.',
    file: 'src/core/connection/connection.ts',
    find: 'else wait(how.reason, retryDelayMs(before, random.next(), windowMs), false, how.closeCode)',
    replace:
      "else if (before < 3) wait(how.reason, retryDelayMs(before, random.next(), windowMs), false, how.closeCode)\n    else enter({ kind: 'failed', error: new TidingsError('connection_refused', 'It was tried three times.') })",
  },
  {
    name: 'S134 silence is never doubted',
    why: 'A connection that swallows everything counts as one.',
    ...{
      file: 'src/core/connection/pulse.ts',
      find: 'if (leftMs <= 0) due(odd)',
      replace: 'if (leftMs <= 0) arm(silenceMs)',
    },
  },
  {
    name: 'S156 a probe that is not answered is sent again',
    why: 'Nobody draws the conclusion.',
    ...{
      file: 'src/core/connection/pulse.ts',
      find: "else if (wait.kind === 'probe') options.onDead(wait.doubt)",
      replace: "else if (wait.kind === 'probe') doubt(wait.doubt, 1)",
    },
  },
  {
    name: 'S138 only the first room is resumed',
    why: 'The others believe that they were asked for.',
    ...{
      file: 'src/core/rooms.ts',
      find: 'if (request) requests.push(request)',
      replace: 'if (request && requests.length === 0) requests.push(request)',
    },
  },
]
