import type { Client, Message, Room } from 'tidings/core'
import type { Line } from './conversation.js'
import { createLadder, type Ladder } from './ladder.js'
import { bodyOf, type Intent, type View } from './verdict.js'

/** An intent while its fate is open. */
export interface Spoken extends Intent {
  /** The client said that it is on disk. From then on no kill may take it away. */
  queued: boolean
}

export interface PartParts {
  readonly room: string
  /** What this player says, in order. */
  readonly own: readonly Line[]
  /** Messages of the room, of all players. */
  readonly total: number
  /** Whether the player may say one more now. */
  readonly mayTalk: () => boolean
  readonly onSaid: (spoken: Spoken) => void
  /** It was lost with its client before the disk had it, and will be said again. */
  readonly onWithdrawn: (id: string) => void
  /** The log's copy of a message was seen; not new when the line was seen before. */
  readonly onSeen: (message: Message, isNew: boolean) => void
}

/** One player's part in one room, over all lives of its client. */
export interface Part {
  readonly room: string
  /** What was said and not withdrawn, in order. */
  readonly spoken: readonly Spoken[]
  /** A new life: follows the room, and resolves when all that the room holds was read and talking may begin. */
  enter(client: Client): Promise<void>
  /** Says what may be said now. */
  talk(): void
  /** Reads the list again: what a disk that answered late brought to light was shown, and did not arrive. */
  lookAgain(): Promise<void>
  /** Whether everything was said, and everything of the room was seen as the log holds it. */
  isComplete(): boolean
  /** Everything was seen as the log holds it. */
  hasSeenAll(): boolean
  /** Everything that is shown of the room, read from the newest end upwards: a list holds only so much at a time. */
  view(): Promise<View>
  leave(): void
  isLeft(): boolean
  /** How far it is, for people. */
  describe(): string
}

/** Said in one go at most: the other rooms want their turn as well. */
const BREATH = 50
const LOOK_EVERY_MS = 10
/** A client that cannot show the whole room by then is judged by what it has shown. */
const READING_MS = 60_000

const numberOf = (message: Message): number | undefined => {
  const { body } = message
  const n: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'n') : undefined
  return typeof n === 'number' ? n : undefined
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))

/** A room in one life of the client. */
interface Presence {
  readonly author: string
  readonly face: Room
  /** Keys of what was seen, own pending messages included, by `n`. */
  readonly keys: Map<number, string>
  /** What was seen as the log holds it. */
  readonly logged: Set<number>
  ready: boolean
  readonly leave: () => void
}

export function createPart({ room, own, total, mayTalk, onSaid, onWithdrawn, onSeen }: PartParts): Part {
  let spoken: Spoken[] = []
  let presence: Presence | undefined
  let isLeft = false

  function see(at: Presence, message: Message): void {
    const n = numberOf(message)
    if (n === undefined) return
    at.keys.set(n, message.key)
    if (message.seq === null) return
    const isNew = !at.logged.has(n)
    at.logged.add(n)
    onSeen(message, isNew)
  }

  const messagesOf = ({ face }: Presence): readonly Message[] =>
    face.timeline.get().items.flatMap((item) => (item.type === 'message' ? item : []))

  /** Waits for the server and reads to the beginning. Undefined when the life ended meanwhile. */
  async function readAll(at: Presence, patienceMs = Number.POSITIVE_INFINITY): Promise<Ladder | undefined> {
    const ladder = createLadder()
    const since = performance.now()
    let isAtEnd = false
    while (presence === at) {
      if (performance.now() - since > patienceMs) return ladder
      const { status, hasOlder } = at.face.timeline.get()
      if (status !== 'live') await pause()
      else if (!isAtEnd) isAtEnd = (await at.face.jumpTo('newest')).found
      else {
        const messages = messagesOf(at)
        for (const message of messages) see(at, message)
        ladder.climb(messages)
        if (!hasOlder) {
          await at.face.jumpTo('newest')
          return ladder
        }
        if (!(await at.face.loadOlder())) await pause()
      }
    }
    return undefined
  }

  /** What was lost with the life before it was on disk was never promised: it is taken back, and said again. Only the end of the row can be. */
  function withdraw(at: Presence): void {
    let kept = spoken.length
    for (
      let last = spoken[kept - 1];
      last && !last.queued && at.keys.get(last.line.n) !== last.id;
      last = spoken[kept - 1]
    )
      kept -= 1
    for (const { id } of spoken.slice(kept)) onWithdrawn(id)
    spoken = spoken.slice(0, kept)
    for (const each of spoken) each.queued ||= at.keys.get(each.line.n) === each.id
  }

  function say(at: Presence, line: Line): boolean {
    const parent = line.replyTo === undefined ? undefined : at.keys.get(line.replyTo)
    if (line.replyTo !== undefined && parent === undefined) return false
    const sent = at.face.send(bodyOf(line), parent === undefined ? {} : { replyTo: parent })
    const intent: Spoken = { author: at.author, id: sent.key, line, queued: false }
    spoken.push(intent)
    at.keys.set(line.n, sent.key)
    onSaid(intent)
    return true
  }

  return {
    room,
    get spoken() {
      return spoken
    },
    async enter(client) {
      isLeft = false
      presence?.leave()
      const face = client.room(room)
      const close = face.open()
      const stop = face.arrivals((message) => see(at, message))
      const leave = (): void => {
        stop()
        close()
      }
      const at: Presence = {
        author: client.user,
        face,
        keys: new Map(),
        logged: new Set(),
        ready: false,
        leave,
      }
      presence = at
      if (!(await readAll(at))) return
      withdraw(at)
      at.ready = true
    },
    talk() {
      const at = presence
      if (!at?.ready) return
      for (let said = 0; said < BREATH && mayTalk(); said++) {
        const line = own[spoken.length]
        if (!line || !say(at, line)) return
      }
    },
    async lookAgain() {
      if (presence?.ready) await readAll(presence, READING_MS)
    },
    isComplete: () => spoken.length === own.length && presence?.logged.size === total,
    hasSeenAll: () => presence?.logged.size === total,
    view: async () => (presence && (await readAll(presence, READING_MS))?.whole()) ?? [],
    leave() {
      presence?.leave()
      presence = undefined
      isLeft = true
    },
    isLeft: () => isLeft,
    describe() {
      const { status, pending } = presence?.face.timeline.get() ?? { status: 'left', pending: 0 }
      return `${room}: said ${spoken.length} of ${own.length}, saw ${presence?.logged.size ?? 0} of ${total}, ${pending} pending, ${status}`
    },
  }
}
