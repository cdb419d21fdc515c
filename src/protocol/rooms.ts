/** The room of a user's own: only servers write to it, every connection of the user resumes it. */
export const personalRoom = (user: string): string => `@${user}`

/**
 * The room of a direct conversation: the same name whichever of the two asks. Ids are percent-encoded,
 * so that no id can contain the separator and two pairs never share a room.
 */
export const directRoom = (a: string, b: string): string =>
  `dm:${[encodeURIComponent(a), encodeURIComponent(b)].sort().join(':')}`
