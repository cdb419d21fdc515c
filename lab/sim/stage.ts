import { receipts, typing } from 'tidings/core'
import { createSeededRandom } from 'tidings/testing'
import { createWorld, type Profile, type Tab, type World, type WorldOptions } from '../world.js'
import { createDice, type Dice } from './dice.js'
import type { Told } from './told.js'
import type { Trace } from './trace.js'

/** One tab of somebody, and what the simulation knows of it. */
export interface Seat {
  readonly name: string
  readonly profile: Profile
  readonly tab: Tab
  /** How often a room was cut back and read again: the only time at which what is settled may move. */
  resets: number
}

/** Something that somebody wrote, owed from the moment in which it was on the disk. */
export interface Intent {
  readonly user: string
  readonly room: string
  readonly key: string
  readonly n: number
  /** Who wrote it, as a seat. */
  readonly by: string
  queued: boolean
}

/** Everything that a simulated stretch of time works with. */
export interface Stage {
  readonly world: World
  readonly dice: Dice
  readonly trace: Trace
  readonly rooms: readonly string[]
  readonly seats: Seat[]
  readonly intents: Map<string, Intent>
  readonly told: Told[]
  /** Frames that the server sent, by type. */
  readonly sent: Map<string, number>
  /** Share of acknowledgements that is lost. */
  lossy: number
  /** Ends the faults that last, each once. */
  readonly heal: Set<() => void>
  /** The server is gone, and comes back when this is called. */
  killServer(): () => void
  open(profile: Profile): Seat
  /** The seat is gone, and another one of the same profile takes its place. */
  replace(seat: Seat): void
  count(into: Map<string, number>, name: string): void
}

/** Three people, six tabs. */
const PEOPLE = ['alice', 'bob', 'carol'] as const
const SKEW_MS = 10_000
const LATENCY_MS = 25

export interface StageOptions {
  readonly seed: number
  readonly clients: number
  readonly rooms: readonly string[]
  readonly trace: Trace
  readonly locks: boolean
  /** What is different about the server. */
  readonly server?: Pick<WorldOptions, 'sees' | 'screen'>
}

export function createStage({ seed, clients, rooms, trace, locks, server }: StageOptions): Stage {
  const dice = createDice(createSeededRandom(seed * 7919 + 1))
  const sent = new Map<string, number>()
  const count = (into: Map<string, number>, name: string) => into.set(name, (into.get(name) ?? 0) + 1)
  // A server has bad moments, and opinions.
  const screen: WorldOptions['screen'] = () => {
    if (dice.chance(0.03)) return { code: 'unavailable', message: 'Not now.', retryAfter: 500 }
    return dice.chance(0.005) ? { code: 'content_rejected', message: 'Not here.' } : undefined
  }
  const world = createWorld({
    ...{ screen, ...server, seed, turns: 1 },
    latencyMs: LATENCY_MS,
    jitter: true,
    limits: { rate: null },
    outgoing(frame) {
      count(sent, frame.type)
      return frame.type === 'ack' && dice.chance(stage.lossy) ? 'drop' : 'pass'
    },
  })
  let opened = 0
  let serverIsUp = true

  function open(profile: Profile): Seat {
    const tab = world.tab(profile, { offsetMs: Math.floor(dice.between(-SKEW_MS, SKEW_MS)), locks })
    const seat: Seat = { name: `${profile.user}${++opened}`, profile, tab, resets: 0 }
    for (const room of rooms) {
      const face = tab.client.room(room)
      face.open()
      typing(face).users.subscribe(() => {})
      receipts(face).state.subscribe(() => {})
    }
    tab.client.on('queued', ({ key }) => {
      const intent = stage.intents.get(key)
      if (intent) intent.queued = true
    })
    tab.client.on('reset', () => {
      seat.resets += 1
    })
    tab.client.connect()
    stage.seats.push(seat)
    return seat
  }

  const stage: Stage = {
    ...{ world, dice, trace, rooms, sent, open, count },
    seats: [],
    intents: new Map(),
    told: [],
    lossy: 0,
    heal: new Set(),
    killServer() {
      if (serverIsUp) world.killServer()
      serverIsUp = false
      return () => {
        if (!serverIsUp) world.startServer()
        serverIsUp = true
      }
    },
    replace(seat) {
      seat.tab.crash()
      stage.seats.splice(stage.seats.indexOf(seat), 1)
      open(seat.profile)
    },
  }
  const profiles = PEOPLE.map((user) => world.profile(user))
  for (let i = 0; i < clients; i++) {
    const profile = profiles[i % profiles.length]
    if (profile) open(profile)
  }
  return stage
}
