import { type Client, type RoomRecords, recordsOf } from 'tidings'

/** What a room is called and about. There is one of it in each room. */
export interface About {
  readonly id: 'about'
  readonly title: string
  readonly topic: string
}

/** A message that somebody pinned, with its words as they were then: it may not be loaded. */
export interface Pin {
  readonly id: string
  readonly message: string
  readonly from: string
  readonly words: string
}

export type Setting = About | Pin

export const TITLE_LENGTH = 40
export const TOPIC_LENGTH = 120

const ABOUT = 'about'
const WORDS_LENGTH = 200

const areTexts = (value: object, names: readonly string[]) =>
  names.every((name) => typeof Reflect.get(value, name) === 'string')

const isSetting = (value: unknown): value is Setting =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  (value.id === ABOUT
    ? areTexts(value, ['title', 'topic'])
    : areTexts(value, ['id', 'message', 'from', 'words']))

export const isPin = (setting: Setting): setting is Pin => setting.id !== ABOUT
export const isAbout = (setting: Setting): setting is About => setting.id === ABOUT

export const pinName = (message: string): string => `pin ${message}`

export const pinOf = (message: string, from: string, text: string): Pin => ({
  id: pinName(message),
  message,
  from,
  words: [...text].slice(0, WORDS_LENGTH).join(''),
})

const initial: readonly Setting[] = [{ id: ABOUT, title: '', topic: '' }]

const made = new WeakMap<Client, Map<string, RoomRecords<Setting>>>()

/** The settings of a room: records that a room of their own holds, so they are written offline as well. The same for the same room. */
export const settingsOf = (client: Client, room: string): RoomRecords<Setting> => {
  const ofClient = made.get(client) ?? new Map<string, RoomRecords<Setting>>()
  made.set(client, ofClient)
  const known = ofClient.get(room)
  if (known !== undefined) return known
  const records = recordsOf<Setting>(client.room(`settings of ${room}`), {
    key: ({ id }) => id,
    is: isSetting,
    initial,
  })
  ofClient.set(room, records)
  return records
}
