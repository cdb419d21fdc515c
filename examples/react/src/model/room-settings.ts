import { type RecordsRoom, type RoomRecords, recordBody, recordsOf } from 'tidings'

/** What people may change about a room: one record, whose fields are changed one by one. */
export interface RoomSettings {
  /** The room. */
  readonly id: string
  readonly name: string
  /** Null while nobody has set one. */
  readonly topic: string | null
  /** Id of the message that is pinned, or null. */
  readonly pinned: string | null
}

const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string'

/** Other programs may write to the same room, so nothing is taken for granted. */
const isRoomSettings = (value: unknown): value is RoomSettings =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'name' in value &&
  typeof value.name === 'string' &&
  value.name.trim() !== '' &&
  'topic' in value &&
  isTextOrNull(value.topic) &&
  'pinned' in value &&
  isTextOrNull(value.pinned)

/** What is asked of a client. */
interface ClientOfRooms {
  room(id: string, options: { readonly body: typeof recordBody }): RecordsRoom
}

const known = new WeakMap<ClientOfRooms, Map<string, RoomRecords<RoomSettings>>>()

/**
 * The settings of a room, kept in a room of their own beside it (`general:settings`): one record, whose id is the room. They are changed
 * offline, survive a reload while they wait, and of two people who change one field the later wins. The same object for the same room.
 *
 *   const { items, update, retry, discard } = useOptimistic(settingsOf(client, room.id))
 *   update(room.id, { topic: 'Weather' })
 */
export function settingsOf(client: ClientOfRooms, room: string): RoomRecords<RoomSettings> {
  const ofClient = known.get(client) ?? new Map<string, RoomRecords<RoomSettings>>()
  known.set(client, ofClient)
  const made =
    ofClient.get(room) ??
    recordsOf(client.room(`${room}:settings`, { body: recordBody }), {
      key: ({ id }) => id,
      is: isRoomSettings,
      initial: [{ id: room, name: room, topic: null, pinned: null }],
    })
  ofClient.set(room, made)
  return made
}
