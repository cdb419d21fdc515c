/** Entries of a room that stay in Redis: the same number for every room, or one by its name. 0 keeps all. */
export type Keep = number | ((room: string) => number)

function checked(entries: number): number {
  if (Number.isSafeInteger(entries) && entries >= 0) return entries
  throw new RangeError(`keep is a whole number of entries, or 0 for all of them, not ${entries}.`)
}

/** How many entries of each room stay. Throws a RangeError for what is no number of entries. */
export function keepingOf(keep: Keep): (room: string) => number {
  if (typeof keep === 'function') return (room) => checked(keep(room))
  const entries = checked(keep)
  return () => entries
}
