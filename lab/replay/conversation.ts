import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'

/** One message of a chat log. */
export interface Line {
  readonly room: string
  /** Position of the event in its room. */
  readonly n: number
  readonly sender: string
  readonly text: string
  /** Ms since the epoch, by the log. */
  readonly at: number
  /** The `n` of the message answered; always an earlier line of the same room. */
  readonly replyTo?: number
}

/** A chat log, room by room, each in the order of the log. */
export interface Conversation {
  readonly rooms: ReadonlyMap<string, readonly Line[]>
  readonly messages: number
  /** Replies to something that is no earlier message of the room, a join for instance: they are played as plain messages. */
  readonly strays: number
}

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

/** The message of one line of JSON; undefined for joins and leaves. Throws when the line is neither. */
function parse(text: string): Line | undefined {
  const value: unknown = JSON.parse(text)
  if (field(value, 'kind') !== 'message') return undefined
  const [room, n, sender] = [field(value, 'room'), field(value, 'n'), field(value, 'sender')]
  const [said, at, replyTo] = [field(value, 'text'), field(value, 'at'), field(value, 'replyTo')]
  if (typeof room !== 'string' || typeof sender !== 'string' || typeof said !== 'string')
    throw new Error('room, sender and text must be strings')
  if (typeof n !== 'number' || typeof at !== 'number') throw new Error('n and at must be numbers')
  const line = { room, n, sender, text: said, at }
  return typeof replyTo === 'number' ? { ...line, replyTo } : line
}

/** Takes at most `limit` messages from lines of JSON. A line that cannot be read is an error that names it. */
export async function readLines(
  lines: AsyncIterable<string> | Iterable<string>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Conversation> {
  const rooms = new Map<string, Line[]>()
  const numbers = new Map<string, Set<number>>()
  let [messages, strays, count] = [0, 0, 0]
  const add = (line: Line): void => {
    const known = numbers.get(line.room) ?? new Set()
    numbers.set(line.room, known)
    if (known.has(line.n)) throw new Error(`room ${line.room} has two events ${line.n}`)
    const { replyTo, ...plain } = line
    const isStray = replyTo !== undefined && !known.has(replyTo)
    if (isStray) strays += 1
    const room = rooms.get(line.room) ?? []
    room.push(isStray ? plain : line)
    rooms.set(line.room, room)
    known.add(line.n)
    messages += 1
  }
  for await (const text of lines) {
    if (messages >= limit) break
    count += 1
    if (text.trim() === '') continue
    try {
      const line = parse(text)
      if (line) add(line)
    } catch (cause) {
      throw new Error(`Line ${count} is not part of a chat log: ${String(cause)}`, { cause })
    }
  }
  return { rooms, messages, strays }
}

/** Reads a chat log in JSON Lines, plain or gzipped. */
export async function readConversation(file: string, limit?: number): Promise<Conversation> {
  const source = createReadStream(file)
  // Errors of the file are told by whoever reads the end of the pipe.
  const text = file.endsWith('.gz')
    ? source.on('error', (error) => text.destroy(error)).pipe(createGunzip())
    : source
  try {
    return await readLines(createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY }), limit)
  } finally {
    source.destroy()
  }
}
