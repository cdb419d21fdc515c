const PREFIX = 'tmp_'

/** What a message is called until the server has given it an id. */
export const temporaryId = (operation: string): string => PREFIX + operation

/** The operation that a temporary id names; any other reference as it is. */
export const withoutPrefix = (reference: string): string =>
  reference.startsWith(PREFIX) ? reference.slice(PREFIX.length) : reference
