import { receipts, type TidingsError, typing } from 'tidings/core'
import { createSeededRandom, type DiskSnapshot } from 'tidings/testing'
import { createWorld, type Profile, type Tab, type World, type WorldOptions } from '../world.js'
import { createDice, type Dice } from './dice.js'
import { type Heard, hearAll } from './heard.js'
import { createKeptLog, type KeptLog } from './kept-log.js'
import { createTap, type Tap } from './tap.js'
import type { Told } from './told.js'
import type { Trace } from './trace.js'
import { createWallet, readToken, type Wallet } from './wallet.js'

/** One tab of somebody, and what the simulation knows of it. */
export interface Seat {
  readonly name: string
  readonly profile: Profile
  readonly tab: Tab
  /** How often a room was cut back or lost, and read again: the only time at which what is settled may move. */
  resets: number
  /** Something happened after which a client may say that it gives up. */
  mayGiveUp?: boolean
  readonly tap?: Tap
  readonly wallet?: Wallet
  /** How often the device began to refuse what a room brought: a position that was never stored is given up for the stored one. */
  unstored?: number
  /** What every message that arrives in a room is told to. */
  readonly heard?: Heard
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
  /** What held it was destroyed, on the device and on the server: nobody can have it any more. */
  lost?: boolean
}

/** What the server is like at the moment: shares of what it is asked. */
export interface Mood {
  /** Acknowledgements that vanish. */
  lossy: number
  notNow: number
  rejects: number
  /** Says that it cannot know whether it has an operation. */
  forgets: number
  /** Tells this user nothing, and lets nobody notice. */
  mute: string | undefined
  /** Turns everybody away with this code. */
  door: number | undefined
  /** Rooms that it does not serve. */
  readonly closedRooms: Set<string>
}

/** A tab that was asked to end. */
export interface Leaving {
  readonly name: string
  readonly profile: Profile
  readonly tab: Tab
  isOver: boolean
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
  /** Keys of messages that their authors took back before the server had them. */
  readonly takenBack: Set<string>
  /** Frames that the server sent, by type. */
  readonly sent: Map<string, number>
  /** Rare branches that were taken. */
  readonly reached: Map<string, number>
  readonly mood: Mood
  readonly kept: KeptLog
  /** Whether the server hides entries from somebody: then nobody knows what a list has to show. */
  readonly hides: boolean
  /** When the server came back with less, ms since the epoch; 0 when it never did. */
  rolledBackAt: number
  readonly leaving: Set<Leaving>
  /** How a profile's disk was at some earlier time. */
  readonly backups: Map<Profile, DiskSnapshot>
  /** How often something was taken from a profile: only then may a position go back. */
  readonly setbacks: Map<Profile, number>
  /** Users of whose devices an older state came back, or a copy was made. */
  readonly rewound: Set<string>
  /** Ends the faults that last, each once. */
  readonly heal: Set<() => void>
  /** The server is gone, and comes back when this is called. */
  killServer(): () => void
  open(profile: Profile, how?: { readonly locks?: boolean }): Seat
  /** The seat is gone, and another one of the same profile takes its place. */
  replace(seat: Seat, how?: { readonly locks?: boolean; readonly profile?: Profile }): void
  /** The seat's tab is closed as it should be, and another one takes its place. */
  close(seat: Seat): void
  count(into: Map<string, number>, name: string): void
  setBack(profile: Profile): void
}

/** What the promises are held against: who sits where, and what is owed. */
export type Judged = Pick<Stage, 'world' | 'rooms' | 'seats' | 'intents' | 'told'> & {
  /** A server that came back with less knows less of what was read, too: then marks are not compared. */
  readonly rolledBackAt?: number
} & Partial<Pick<Stage, 'kept' | 'rewound'>>

/** Three people, six tabs. */
const PEOPLE = ['alice', 'bob', 'carol'] as const
const SKEW_MS = 10_000
const LATENCY_MS = 25
/** Every third tab is told of every message of the second room, and so may jump over none. */
const EAR_EVERY = 3

export interface StageOptions {
  readonly seed: number
  readonly clients: number
  readonly rooms: readonly string[]
  readonly trace: Trace
  readonly locks: boolean
  /** What is different about the server. */
  readonly server?: Pick<WorldOptions, 'sees' | 'screen'>
}

/** A server has bad moments, and opinions. */
const screenOf =
  (dice: Dice, mood: Mood): NonNullable<WorldOptions['screen']> =>
  () => {
    if (dice.chance(mood.notNow)) return { code: 'unavailable', message: 'Not now.', retryAfter: 500 }
    if (dice.chance(mood.forgets)) return { code: 'dedupe_expired', message: 'Too long ago.' }
    return dice.chance(mood.rejects) ? { code: 'content_rejected', message: 'Not here.' } : undefined
  }

/** Of a server on a good day. */
export const USUAL = { lossy: 0, notNow: 0.03, rejects: 0.005, forgets: 0 } as const

/** How errors are counted: what the client says about what it met. */
const branchOf = ({ code, serverCode }: TidingsError): string =>
  code === 'bad_record' || code === 'bad_frame' || code === 'bad_entry'
    ? 'quarantine'
    : `error: ${code}${serverCode === undefined ? '' : ` ${serverCode}`}`

function createPlace(options: StageOptions, mood: Mood, sent: Map<string, number>) {
  const { seed, server } = options
  const dice = createDice(createSeededRandom(seed * 7919 + 1))
  const count = (into: Map<string, number>, name: string) => into.set(name, (into.get(name) ?? 0) + 1)
  const world: World = createWorld({
    ...{ screen: screenOf(dice, mood), ...server, seed, turns: 1 },
    latencyMs: LATENCY_MS,
    jitter: true,
    limits: { rate: null },
    verify: (token) => readToken(token, world.timeline.now()),
    authorize: ({ room }) => (mood.closedRooms.has(room) ? 'unavailable' : 'allow'),
    door: () => mood.door,
    outgoing(frame, { user }) {
      count(sent, frame.type)
      if (user === mood.mute && frame.type !== 'ping') return 'drop'
      return frame.type === 'ack' && dice.chance(mood.lossy) ? 'drop' : 'pass'
    },
  })
  const kept = createKeptLog(world.timeline.clock())
  world.killServer()
  world.setLog(kept.log)
  world.startServer()
  return { dice, world, kept, count }
}

export function createStage(options: StageOptions): Stage {
  const { clients, rooms, trace, locks, server } = options
  const mood: Mood = { ...USUAL, mute: undefined, door: undefined, closedRooms: new Set() }
  const sent = new Map<string, number>()
  const reached = new Map<string, number>()
  const { dice, world, kept, count } = createPlace(options, mood, sent)
  let opened = 0
  let serverIsUp = true

  function tapOf(name: string, profile: Profile): Tap {
    const unstored = () => stage.seats.find((seat) => seat.name === name)?.unstored ?? 0
    return createTap({
      user: profile.user,
      now: world.timeline.now,
      setbacks: () => (stage.setbacks.get(profile) ?? 0) + unstored(),
      note: (way, type) => trace.fold(`${name} ${way} ${type}`),
      reached: (branch) => count(reached, branch),
    })
  }

  function follow(seat: Seat): void {
    const { client } = seat.tab
    client.on('queued', ({ key }) => {
      const intent = stage.intents.get(key)
      if (intent) intent.queued = true
    })
    client.on('reset', ({ room, reason }) => {
      trace.note(`${seat.name} falls back in ${room}: ${reason}`)
      count(reached, 'reset')
      stage.setBack(seat.profile)
    })
    client.on('failed', ({ error }) => count(reached, `failed: ${error.code}`))
    client.on('error', (error) => {
      count(reached, branchOf(error))
      trace.note(`${seat.name} tells of ${error.code}`)
      if (error.code === 'storage' && error.room !== undefined) seat.unstored = (seat.unstored ?? 0) + 1
      // What cannot be read on a disk is read anew from the server.
      if (error.code === 'bad_record') stage.setBack(seat.profile)
    })
    client.storage.subscribe(() => {
      if (client.storage.get().state === 'degraded') count(reached, 'storage degraded')
    })
  }

  function open(profile: Profile, how: { readonly locks?: boolean } = {}): Seat {
    const name = `${profile.user}${++opened}`
    const tap = tapOf(name, profile)
    const other = PEOPLE.find((user) => user !== profile.user) ?? ''
    const wallet = createWallet({ user: profile.user, other, clock: world.timeline.clock() })
    const tab = world.tab(profile, {
      ...{ offsetMs: Math.floor(dice.between(-SKEW_MS, SKEW_MS)), locks, ...how },
      ...{ token: wallet.token, seams: tap.seams },
    })
    for (const room of rooms) {
      const face = tab.client.room(room)
      face.open()
      typing(face).users.subscribe(() => {})
      receipts(face).state.subscribe(() => {})
    }
    const [, second] = rooms
    const heard = opened % EAR_EVERY === 0 && second !== undefined && hearAll(tab.client.room(second))
    const seat: Seat = { ...{ name, profile, tab, resets: 0, tap, wallet }, ...(heard && { heard }) }
    follow(seat)
    tab.client.connect()
    stage.seats.push(seat)
    return seat
  }

  function leave(seat: Seat): void {
    stage.seats.splice(stage.seats.indexOf(seat), 1)
  }

  const stage: Stage = {
    ...{ world, dice, trace, rooms, sent, reached, mood, kept, open, count },
    hides: server?.sees !== undefined,
    ...{ seats: [], intents: new Map(), takenBack: new Set(), told: [], heal: new Set(), leaving: new Set() },
    ...{ setbacks: new Map(), backups: new Map(), rewound: new Set() },
    rolledBackAt: 0,
    setBack(profile) {
      stage.setbacks.set(profile, (stage.setbacks.get(profile) ?? 0) + 1)
      stage.rewound.add(profile.user)
      for (const seat of stage.seats) if (seat.profile === profile) seat.resets += 1
    },
    killServer() {
      if (serverIsUp) world.killServer()
      serverIsUp = false
      return () => {
        if (!serverIsUp) world.startServer()
        serverIsUp = true
      }
    },
    replace(seat, { profile = seat.profile, ...how } = {}) {
      seat.tab.crash()
      leave(seat)
      open(profile, how)
    },
    close(seat) {
      const { name, profile, tab } = seat
      const leaving: Leaving = { name, profile, tab, isOver: false }
      stage.leaving.add(leaving)
      leave(seat)
      void tab.close().then(() => {
        leaving.isOver = true
      })
      open(profile)
    },
  }
  const profiles = PEOPLE.map((user) => world.profile(user))
  for (let i = 0; i < clients; i++) {
    const profile = profiles[i % profiles.length]
    if (profile) open(profile)
  }
  return stage
}
