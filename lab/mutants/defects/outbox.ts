import type { Mutant } from '../mutant.js'

const OUTBOX = 'src/core/messages/outbox.ts'
const DISK = 'src/core/messages/outbox-disk.ts'
const COMMIT = 'src/core/messages/outbox-commit.ts'
const RECORDS = 'src/core/messages/outbox-records.ts'

/** Defects of what keeps operations until they are settled. */
export const outbox: readonly Mutant[] = [
  {
    name: 'S84 queued is said before the disk has it',
    why: 'Who believes it loses the message with the tab.',
    file: OUTBOX,
    find: '        disk.append(entry)\n',
    replace: '        disk.append(entry)\n        void Promise.resolve().then(() => parts.onQueued(entry))\n',
  },
  {
    name: 'S84 the outbox is not read at the start',
    why: 'What an earlier life of the page left is not sent.',
    file: 'src/core/client.ts',
    find: 'await outbox.load()',
    replace: 'await Promise.resolve()',
  },
  {
    name: 'what a failed write held is forgotten',
    why: 'The disk refuses once, and what was to be written never is.',
    file: DISK,
    find: 'batch = putBack(taken, batch)',
    replace: 'void putBack',
  },
  {
    name: 'a transaction that runs twice writes nothing',
    why: 'The first run takes what is fresh out of its batch.',
    file: COMMIT,
    find: 'const fresh = [...taken.fresh.values()]',
    replace: 'const fresh = [...taken.fresh.values()]\n  taken.fresh.clear()',
  },
  {
    name: 'a refused write is not tried again',
    why: 'The batch waits for something else to write.',
    file: DISK,
    find: "work = { state: 'failing', cancel: parts.clock.after(retryDelayMs(failures++, 1), () => void commit()) }",
    replace:
      "work = { state: 'failing', cancel: parts.clock.after(retryDelayMs(failures++, 1), () => undefined) }",
  },
  {
    name: 'records of two tabs have one key',
    why: 'Without the name of the tab in it, a record overwrites that of another tab.',
    file: COMMIT,
    find: 'groupKey(number + i, tab)',
    replace: "groupKey(number + i, 'tab')",
  },
  {
    name: 'a changed record forgets its neighbours',
    why: 'What one commit changes is written without what else the record held.',
    file: COMMIT,
    find: 'const entries = stored.entries.flatMap(',
    replace: 'const entries = stored.entries.filter(({ id }) => taken.changes.has(id)).flatMap(',
  },
  {
    name: 'rows of before are believed',
    why: 'What another tab wrote into a record is read as what this one knew.',
    file: RECORDS,
    find: 'row === held.rows[i] ? before : readRow(row)',
    replace: 'before ?? readRow(row)',
  },
  {
    name: 'an acknowledged operation is dropped at once',
    why: 'It is gone from the list until the log brings it.',
    file: 'src/core/messages/transitions.ts',
    find: ': acknowledged(entry, acked),',
    replace: ': null,',
  },
  {
    name: 'a refusal counts as an acknowledgement',
    why: 'What the server will not have is shown as sent.',
    file: 'src/core/messages/lanes.ts',
    find: "if (fate === 'failed') giveUp(entry.id, failureOf(frame))",
    replace:
      "if (fate === 'failed') change(entry.id, (one) => ({ ...one, state: 'acked', acked: ackedOf({ ...frame, type: 'ack' }, one, 0) }))",
  },
  {
    name: 'an operation that was given up comes back',
    why: 'What its author discards stays on the disk.',
    file: OUTBOX,
    find: 'if (!refused) onDisk.push(id)',
    replace: 'if (!refused && next) onDisk.push(id)',
  },
  {
    name: 'S107 an echo is a second message',
    why: 'What is acknowledged and stands in the log is shown from the outbox as well.',
    file: 'src/core/messages/timeline.ts',
    find: "if (entry.kind === 'create' && keeper.get(entry.id)?.from === user) return true",
    replace: "if (entry.kind === 'create' && entry.acked) return false",
  },
  {
    name: 'what is acknowledged is hidden until the log has it',
    why: 'An own message vanishes between its acknowledgement and its event.',
    file: 'src/core/messages/timeline.ts',
    find: 'return entry.acked !== undefined && position !== null && entry.acked.seq <= position.seq',
    replace: 'return entry.acked !== undefined',
  },
]
