/** What was seen on the wire, over all clients and lives. */
export interface WireCount {
  /** Connections that the server welcomed. */
  welcomed: number
  /** Those of them to another server than the one before. */
  moved: number
  /** Operations that were handed to a socket again. */
  resent: number
  /** Acknowledgements of operations that the server had already. */
  duplicateAcks: number
  /** Rooms of which the server said that their past is another one. */
  resets: number
  /** Events that did not follow the one before them on their connection: what was between was not told. */
  breaks: number
}

/** An operation that the server said it has, and where in its room's log. */
export interface Acknowledged {
  readonly id: string
  readonly seq: number
}

/** What is heard on one connection. */
export interface Ear {
  /** Operations that the connection was handed and that were not answered on it. */
  readonly waiting: Set<string>
  /** Listens to what the server says, without touching it. */
  hear(text: string): void
}

/** Of all connections of a client, one after the other. */
export interface Ears {
  open(url: string): Ear
}

/** The frames of a text. */
export const framesOf = (text: string): readonly unknown[] => {
  const value: unknown = JSON.parse(text)
  return Array.isArray(value) ? value : [value]
}
/** A field of a frame; undefined where there is none. */
export const get = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

/** Whether the server welcomes with this text. */
const welcomes = (text: string): boolean => framesOf(text).some((frame) => get(frame, 'type') === 'welcome')

/** Answers to operations in a text. Looked for in it first: parsing everything twice would be half of the work of the whole run. */
function answersIn(text: string): readonly unknown[] {
  if (!text.includes('"type":"ack"') && !text.includes('"type":"nack"')) return []
  return framesOf(text).filter((frame) => ['ack', 'nack'].includes(String(get(frame, 'type'))))
}

/** Where an event stands, as servers print it: they are most of what comes. */
const EVENT = /"type":"event","room":("(?:[^"\\]|\\.)*"),"seq":\d+,"cursor":"([^"]*)","prev":"([^"]*)"/g
/** A room is followed from elsewhere from then on. */
const BEGINS = /"type":"(?:un)?subscribed"|"type":"reset"/

/** Looks whether each event of a room follows the one before. */
function createChain(onBreak: () => void): (text: string) => void {
  const cursors = new Map<string, string>()
  return (text) => {
    if (BEGINS.test(text)) cursors.clear()
    for (const [, room = '', cursor = '', prev = ''] of text.matchAll(EVENT)) {
      if ((cursors.get(room) ?? prev) !== prev) onBreak()
      cursors.set(room, cursor)
    }
  }
}

export function createEars(count: WireCount, onAcknowledged: (acknowledged: Acknowledged) => void): Ears {
  let lastUrl: string | undefined

  function welcomed(url: string): void {
    count.welcomed += 1
    if (lastUrl !== undefined && lastUrl !== url) count.moved += 1
    lastUrl = url
  }

  function answered(waiting: Set<string>, answer: unknown): void {
    const [id, seq] = [get(answer, 'id'), get(answer, 'seq')]
    if (get(answer, 'dup') === true) count.duplicateAcks += 1
    if (typeof id !== 'string') return
    waiting.delete(id)
    if (typeof seq === 'number') onAcknowledged({ id, seq })
  }

  return {
    open(url) {
      const waiting = new Set<string>()
      const follow = createChain(() => {
        count.breaks += 1
      })
      let isFirst = true
      return {
        waiting,
        hear(text) {
          if (isFirst && welcomes(text)) welcomed(url)
          isFirst = false
          if (text.includes('"type":"reset"')) count.resets += 1
          for (const answer of answersIn(text)) answered(waiting, answer)
          follow(text)
        },
      }
    },
  }
}
