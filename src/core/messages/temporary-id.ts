const PREFIX = 'tmp_'

/** What a message is called until the server has given it an id. */
export const temporaryId = (operation: string): string => PREFIX + operation

export const isTemporary = (id: string): boolean => id.startsWith(PREFIX)

/** The operation that a temporary id names; any other reference as it is. */
export const withoutPrefix = (reference: string): string =>
  isTemporary(reference) ? reference.slice(PREFIX.length) : reference
