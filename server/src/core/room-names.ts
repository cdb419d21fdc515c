/** Whether a room is meant by a name: its own, or the beginning of names and `*`. */
export const isNamed = (name: string, room: string): boolean =>
  name.endsWith('*') ? room.startsWith(name.slice(0, -1)) : name === room
