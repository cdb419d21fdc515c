import type { Mutant } from '../mutant.js'

const LANES = 'src/core/messages/lanes.ts'
const CLAIMS = 'src/core/messages/claims.ts'
const FRAME = 'src/core/messages/operation-frame.ts'
const CHANGES = 'src/core/changes.ts'

/** Defects of the way from the outbox to the server. */
export const sending: readonly Mutant[] = [
  {
    name: 'S89 what is sent again has another id',
    why: 'The server cannot know a repeat.',
    file: FRAME,
    find: "type: 'message',\n      id,",
    replace: "type: 'message',\n      id: attempt > 1 ? id + String(attempt) : id,",
  },
  {
    name: 'S81 what was on the wire is never sent again',
    why: 'With its acknowledgement an operation is lost for ever.',
    ...{
      file: LANES,
      find: 'if (entries.some(wasOnTheWire) && !parts.mayResend(room)) return',
      replace: 'if (entries.some(wasOnTheWire)) return',
    },
  },
  {
    name: 'S86 no answer is awaited for ever',
    why: 'An acknowledgement that does not come stops the lane until there is another connection.',
    ...{
      file: LANES,
      find: 'parts.onSilence()\n        // The same operations go out again: the server answers a repeat as it answered the first.\n        resume(room)',
      replace: 'parts.onSilence()\n        wakeRoom(room)',
    },
  },
  {
    name: 'S93 a claim of another tab is not respected',
    why: 'Two tabs put one operation on the wire, and each believes that it may still change it.',
    ...{
      file: 'src/core/messages/transitions.ts',
      find: 'if (entry.claim && entry.claim.by !== by && isLeased(entry.claim, now, leaseMs)) return entry',
      replace: 'void isLeased',
    },
  },
  {
    name: 'S93 every entry is ours',
    why: 'A tab sends without looking whose claim it is.',
    file: CLAIMS,
    find: "role === 'alone' || isSafe(entry)",
    replace: 'true || isSafe(entry)',
  },
  {
    name: 'what is on its way is rewritten',
    why: 'An edit changes an entry that the server may hold already.',
    ...{
      file: 'src/core/messages/entry.ts',
      find: "(state === 'queued' || state === 'failed') && attempts === 0 &&",
      replace: "(state === 'queued' || state === 'failed') && attempts >= 0 &&",
    },
  },
  {
    name: 'an edit names its message by nothing that the server knows',
    why: 'What is changed before it was acknowledged is changed under its temporary id.',
    file: CHANGES,
    find: '(seq === null ? key : id)',
    replace: '(seq === null ? id : key)',
  },
]
