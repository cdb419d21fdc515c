import type { Mutant } from '../mutant.js'

const RECORD = 'src/core/messages/record.ts'
const FOLD = 'src/core/messages/fold.ts'
const SHOWN = 'src/core/messages/shown.ts'

/** Defects of what a message is made of: from a page, from events, from the outbox. */
export const states: readonly Mutant[] = [
  {
    name: 'S76 a page does not say what was removed',
    why: 'Who was away sees what the others do not see any more.',
    file: RECORD,
    find: 'deleted: entry.deleted ?? false',
    replace: 'deleted: false',
  },
  {
    name: 'a page does not say what was edited',
    why: 'Who was away sees new words as if they had been the first.',
    file: RECORD,
    find: 'edited: entry.edited ?? false',
    replace: 'edited: false',
  },
  {
    name: 'a page brings no reactions',
    why: 'Who was away sees none that came meanwhile.',
    ...{
      file: RECORD,
      find: 'Object.entries(entry.reactions ?? {})',
      replace: 'Object.entries<readonly string[]>({})',
    },
  },
  {
    name: 'a page brings every message in its first version',
    why: 'Who was away expects another version than the server has.',
    file: RECORD,
    find: 'version: entry.version ?? 1',
    replace: 'version: 1',
  },
  {
    name: 'S119 an answer is taken for what it answers',
    why: 'The log settles an own answer under the name of its question.',
    file: 'src/core/followed-room.ts',
    find: "messageId: kind === 'create' || kind === 'system' ? messageId : (target?.messageId ?? messageId),",
    replace: 'messageId: target?.messageId ?? messageId,',
  },
  {
    name: 'S90 a message changes its key when it is acknowledged',
    why: 'Whoever named it by its key finds nothing.',
    file: SHOWN,
    find: 'key: entry.id,',
    replace: 'key: acked?.messageId ?? entry.id,',
  },
  {
    name: 'S90 a message changes its key when the log has it',
    why: 'Whoever named it by its key finds nothing.',
    ...{
      file: SHOWN,
      find: 'from === user ? id : messageId',
      replace: 'messageId',
    },
  },
  {
    name: 'an acknowledged message keeps its temporary name',
    why: 'Its author calls it otherwise than everybody else, until the log brings it.',
    ...{
      file: SHOWN,
      find: 'id: serverIdOf(entry) ?? temporaryId(entry.id)',
      replace: 'id: temporaryId(entry.id)',
    },
  },
  {
    name: 'S76 an edit changes no words',
    why: 'Who was there sees that a message was edited, and its first words.',
    file: FOLD,
    find: 'body: operation.body ?? null,',
    replace: '',
  },
  {
    name: 'S56 rooms share what they keep',
    why: 'The name of a room is not part of the keys of its records.',
    file: RECORD,
    find: 'encodeURIComponent(room)',
    replace: 'encodeURIComponent(room.slice(0, 0))',
  },
]
