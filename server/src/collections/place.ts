import type { RoomReaderOptions } from '../sockets/room-reader.js'

/**
 * Where a reader of a collection stands, as the id of the event that it saw last. A page of the log has one position, at its end; an event
 * within it is named by the position before the page and its own number: `<cursor>~<seq>`.
 */
export interface Place {
  readonly from: RoomReaderOptions['from']
  /** Events up to this number were seen. */
  readonly seen: number
}

/** Only what is new. */
const NEW = '$'
/** From the beginning. */
const START = '0'
const ID = /^([^\p{Cc}\p{Cs}~]{0,128})(?:~(\d{1,16}))?$/u

/** The id of an event within a page that begins behind a cursor; '' for the start of the log. */
export const idWithin = (cursor: string, seq: number): string => `${cursor}~${seq}`

/** What an id says; undefined when it is none. Without an id everything is wanted, as a reader that was never here has seen nothing. */
export function placeOf(id: unknown): Place | undefined {
  if (id === undefined || id === START) return { from: 'start', seen: 0 }
  if (id === NEW) return { from: 'head', seen: 0 }
  const parts = typeof id === 'string' ? ID.exec(id) : null
  if (!parts || id === '') return undefined
  const [, cursor = '', seq = '0'] = parts
  return { from: cursor === '' ? 'start' : { cursor }, seen: Number(seq) }
}
