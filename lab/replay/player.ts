import type { Clock, TidingsError } from 'tidings/core'
import { createMemoryDisk, createMemoryLocks, createSeededRandom } from 'tidings/testing'
import type { Line } from './conversation.js'
import type { Acknowledged, WireCount } from './ear.js'
import { createLife, type Device, type Life } from './life.js'
import { createPart, type Part, type Spoken } from './part.js'
import type { Cut } from './wire.js'

export interface PlayerParts {
  readonly user: string
  readonly seed: number
  readonly urls: readonly [string, ...string[]]
  readonly token: (user: string) => Promise<string>
  readonly clock: Clock
  readonly count: WireCount
  readonly known: Set<string>
  /** How long the disk takes for a step, at most. With 0 nothing is ever half written when a kill comes. */
  readonly diskMs: number
  readonly onSaid: (player: Player) => void
  /** Operations are handed to a socket. */
  readonly onOperations: (player: Player) => void
  /** One more line of a room was seen as the log holds it. */
  readonly onSeen: (room: string) => void
  readonly onTrouble: (player: Player, error: TidingsError) => void
}

/** One of the clients that play the log: a device, the client that runs on it now, and its part in each room. */
export interface Player {
  readonly user: string
  /** Follows a room and says there what is its own. Resolves when the room was read. */
  enter(room: string, own: readonly Line[], total: number): Promise<void>
  part(room: string): Part | undefined
  /** All rooms that it ever was in. */
  parts(): readonly Part[]
  isConnected(): boolean
  /** Operations on their way to a server without an answer that reached the client. */
  unanswered(url: string): number
  /** What servers said they have of this player's, by operation: where in the room's log. */
  readonly acknowledged: ReadonlyMap<string, number>
  cut(how: Cut): void
  /** The client is gone. */
  kill(): void
  /** A new client on the same disk enters the same rooms. */
  rebuild(): Promise<void>
  describe(): string
}

/** Sent and not confirmed at most: half of what an outbox takes. */
const WINDOW = 400
/** The platform notices that the network is back this long after it went. */
const NOTICE_MS = 20

export function createPlayer(given: PlayerParts): Player {
  const { user, seed, clock } = given
  const device: Device = {
    user,
    disk: createMemoryDisk({ clock, random: createSeededRandom(seed), latencyMs: given.diskMs }),
    locks: createMemoryLocks(),
  }
  const parts = new Map<string, Part>()
  const open = new Map<string, Spoken>()
  const acknowledged = new Map<string, number>()
  let lives = 0
  let life: Life | undefined = begin()

  function begin(): Life {
    lives += 1
    const mine = createLife({
      ...given,
      device,
      seed: seed + lives,
      onOperations() {
        if (life === mine) given.onOperations(player)
      },
      onAcknowledged({ id, seq }: Acknowledged) {
        acknowledged.set(id, seq)
      },
    })
    const { client } = mine
    client.on('queued', ({ key }) => {
      const spoken = life === mine ? open.get(key) : undefined
      if (spoken) spoken.queued = true
    })
    client.on('confirmed', ({ key }) => {
      if (life === mine) settled(key)
    })
    client.on('failed', ({ error }) => given.onTrouble(player, error))
    client.on('error', (error) => {
      if (life === mine) given.onTrouble(player, error)
    })
    let wasWaiting = false
    client.connection.subscribe(() => {
      const isWaiting = client.connection.get().state === 'waiting'
      if (isWaiting && !wasWaiting) clock.after(NOTICE_MS, mine.online)
      wasWaiting = isWaiting
    })
    client.connect()
    return mine
  }

  function settled(key: string): void {
    if (open.delete(key)) talk()
  }

  function talk(): void {
    for (const part of parts.values()) part.talk()
  }

  const present = (): readonly Part[] => [...parts.values()].filter((part) => !part.isLeft())

  async function enterWith(part: Part): Promise<void> {
    if (!life) return
    await part.enter(life.client)
    part.talk()
  }

  const player: Player = {
    user,
    async enter(room, own, total) {
      const part =
        parts.get(room) ??
        createPart({
          room,
          own,
          total,
          mayTalk: () => life !== undefined && open.size < WINDOW,
          onSaid(spoken) {
            open.set(spoken.id, spoken)
            given.onSaid(player)
          },
          onWithdrawn: settled,
          onSeen(message, isNew) {
            settled(message.key)
            if (!isNew) return
            part.talk()
            given.onSeen(room)
          },
        })
      parts.set(room, part)
      await enterWith(part)
    },
    part: (room) => parts.get(room),
    parts: () => [...parts.values()],
    isConnected: () => life?.client.connection.get().state === 'connected',
    unanswered: (url) => life?.wire.unanswered(url) ?? 0,
    acknowledged,
    cut: (how) => life?.wire.cut(how),
    kill() {
      const dying = life
      life = undefined
      dying?.kill()
    },
    async rebuild() {
      life = begin()
      await Promise.all(present().map(enterWith))
    },
    describe() {
      const state = life?.client.connection.get().state ?? 'killed'
      const rooms = present().map((part) => part.describe())
      return [`${user}: ${state}, ${open.size} unconfirmed`, ...rooms].join('\n    ')
    },
  }
  return player
}
