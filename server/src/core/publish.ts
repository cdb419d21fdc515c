import { formatStamp, isJson, type NackCode, personalRoom, utf8Bytes, WIRE } from 'tidings/protocol'
import type { Authorize, Log, Operation, Random } from './seams.js'

/** How server code writes. */
export interface PublishOptions {
  /** Names what is written, so that a second try with the same id and the same content writes nothing new. Default: an id of its own. */
  readonly id?: string
  /** `messageId` of a message of the room that this one answers. */
  readonly replyTo?: string
}

/** A message of the server as it stands in the log. */
export interface Published {
  readonly room: string
  readonly messageId: string
  readonly seq: number
  /** When it was committed, ms since the epoch. */
  readonly ts: number
  /** It was there already: this was a second try. */
  readonly dup: boolean
}

/** Why server code could not write: `code` is the word that a client would have been told. */
export class PublishError extends Error {
  override readonly name = 'PublishError'
  constructor(
    readonly code: NackCode,
    message: string,
  ) {
    super(message)
  }
}

/** Writing from the server's own code: neither rights nor the screen are asked. */
export interface Publisher {
  /**
   * Writes a message into a room, for everybody who may read it; `from` is the server's name. Resolves when it is committed. Rejects with a
   * PublishError: `invalid` (no room name, id or JSON), `too_large` (more than 32 KiB), `not_found` (what `replyTo` names),
   * `id_conflict` (the id was used for something else); and with the log's own error when it cannot be written now.
   */
  publish(room: string, body: unknown, options?: PublishOptions): Promise<Published>
  /**
   * Writes into the user's own room, which every client of the user can read and nobody else: the body there is `{ kind, body }`.
   * Rejects as `publish` does.
   */
  notify(user: string, kind: string, body: unknown, options?: Pick<PublishOptions, 'id'>): Promise<Published>
}

/** Long past: the log gives a stamp of its own instead, after every stamp of the room. */
const NO_STAMP = formatStamp(0, 0, 'server-----')
const NAME = /^[^\p{Cc}\p{Cs}]+$/u

const checkName = (what: string, name: unknown) => {
  if (typeof name === 'string' && name.length <= WIRE.idChars && NAME.test(name)) return
  throw new PublishError('invalid', `${what} has 1 to ${WIRE.idChars} characters, no control characters.`)
}

function checkedText(body: unknown): string {
  if (!isJson(body, WIRE.bodyDepth))
    throw new PublishError('invalid', `A body is JSON of at most ${WIRE.bodyDepth} levels.`)
  const text = JSON.stringify(body)
  if (utf8Bytes(text) > WIRE.bodyBytes)
    throw new PublishError('too_large', `A body is at most ${WIRE.bodyBytes} bytes.`)
  return text
}

export function createPublisher(parts: {
  readonly log: Pick<Log, 'append'>
  readonly random: Pick<Random, 'id'>
  /** The server's name as an author. */
  readonly author: string
}): Publisher {
  const { log, random, author } = parts
  checkName("A server's name", author)

  const publish = async (room: string, body: unknown, options: PublishOptions = {}): Promise<Published> => {
    const { id = random.id(), replyTo } = options
    checkName('A room name', room)
    checkName('An id', id)
    if (replyTo !== undefined) checkName('An id', replyTo)
    const operation: Operation = {
      room,
      author,
      id,
      kind: 'system',
      stamp: NO_STAMP,
      body: checkedText(body),
      ...(replyTo !== undefined && { replyTo }),
    }
    const [outcome] = await log.append([operation])
    if (!outcome?.done)
      throw new PublishError(outcome?.code ?? 'unavailable', outcome?.message ?? 'No answer.')
    const { messageId, seq = 0, ts, dup } = outcome
    return { room, messageId, seq, ts, dup }
  }
  return {
    publish,
    async notify(user, kind, body, options) {
      checkName('A user id', user)
      checkName('A kind', kind)
      return publish(personalRoom(user), { kind, body }, options)
    },
  }
}

/** The first character of rooms that belong to one user. */
const PERSONAL = '@'

/** A user's own room is for that user to read and for the server to write, whatever else is allowed. */
export const withPersonalRooms =
  (authorize: Authorize): Authorize =>
  (ask) => {
    if (!ask.room.startsWith(PERSONAL)) return authorize(ask)
    return ask.verb === 'read' && ask.room === personalRoom(ask.user) ? 'allow' : 'forbidden'
  }
