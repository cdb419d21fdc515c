import type { Operation } from '../../src/index.js'

/** A message as a test has it written. */
export const createOperation = (id: string, more: Partial<Operation> = {}): Operation => ({
  room: 'general',
  author: 'alice',
  id,
  kind: 'create',
  stamp: '0mabcdefg0000node-------',
  body: JSON.stringify({ text: id }),
  ...more,
})
