import type { Mutant } from '../mutant.js'

const HLC = 'src/core/messages/hlc.ts'
const COMMIT = 'server/src/log/commit.ts'

/** Defects of stamps and of what they order. */
export const clocks: readonly Mutant[] = [
  {
    name: 'time runs back with the clock',
    why: 'A tick takes the wall clock also where it stands behind the last stamp.',
    file: HLC,
    find: 'if (now > ms) {',
    replace: 'if (now !== ms) {',
  },
  {
    name: 'the counter does not count',
    why: 'What is written in one millisecond gets one stamp.',
    ...{
      file: HLC,
      find: 'counter < MAX_STAMP_COUNTER) counter++',
      replace: 'counter < MAX_STAMP_COUNTER) counter += 0',
    },
  },
  {
    name: 'S7 the clock forgets what the profile has said',
    why: 'After a reload, and beside another tab, stamps may lie before those that the profile gave.',
    file: 'src/core/composer.ts',
    find: 'parts.hlc.observe(parts.outbox.largestStamp())',
    replace: 'parts.outbox.largestStamp()',
  },
  {
    name: 'S113 a stamp may lie as far ahead as it likes',
    why: 'The server takes stamps of tomorrow, which every replica sets aside.',
    file: COMMIT,
    find: 'aheadMs <= WIRE.stampAheadMs &&',
    replace: 'aheadMs < Number.MAX_VALUE &&',
  },
  {
    name: 'S3 one stamp of tomorrow drags the room along',
    why: 'The server remembers the stamp that was asked for instead of the one that counts.',
    file: COMMIT,
    find: 'const largest = compareText(stamp, tail.stamp) > 0 ? stamp : tail.stamp',
    replace: 'const largest = operation.stamp > tail.stamp ? operation.stamp : tail.stamp',
  },
  {
    name: 'S10 messages stand in the order of their arrival',
    why: 'What comes late stands below what was written after it.',
    file: 'src/core/messages/window.ts',
    find: 'const row = { key: orderKey(message), message }',
    replace: "const row = { key: String(message.seq).padStart(12, '0'), message }",
  },
  {
    name: 'what waits stands at the top',
    why: 'A message that is not acknowledged is put before what it follows.',
    file: 'src/core/messages/timeline.ts',
    find: 'isBelow(before, message); before',
    replace: '!isBelow(before, message); before',
  },
]
