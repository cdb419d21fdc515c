import { type Platform, presence, receipts, typing } from 'tidings/core'
import { createSeededRandom } from 'tidings/testing'
import { createDice, type Dice } from '../sim/dice.js'
import { createWorld, type Profile, type Tab, type World } from '../world.js'

export interface LifecyclesOptions {
  readonly seed: number
  /** Clients to make and end. */
  readonly count: number
  /** Stands between each client and its platform, for canaries. */
  readonly seams?: (platform: Platform) => Platform
}

/** What is left of clients that ended. */
export interface LifecyclesTally {
  readonly lives: number
  readonly deeds: Readonly<Record<string, number>>
  /** What was left of whom, as words. */
  readonly left: readonly string[]
}

/** What happens in a life, and how often: what a person does, and what a device, a network and a server do to it. */
const DEEDS = {
  connect: 4,
  open: 4,
  close: 2,
  send: 5,
  change: 2,
  type: 3,
  read: 3,
  status: 2,
  watch: 3,
  older: 1,
  jump: 1,
  disconnect: 1,
  signal: 2,
  drop: 1,
  hole: 1,
  refuse: 0.5,
  jumpClock: 0.5,
  abort: 1,
  lose: 0.5,
  hang: 0.5,
  openHangs: 0.3,
  killServer: 0.3,
} as const
type Deed = keyof typeof DEEDS

const ROOMS = ['general', 'other', 'third'] as const
const DEEDS_MOST = 24
const WAIT_MS = 4_000
/** A goodbye through a dead network, an attempt and a timeout of the disk have come to an end by then. */
const SILENCE_MS = 60_000
/** Lives in one world: profiles and the log grow with them. */
const LIVES_OF_A_WORLD = 50

/** One life, from its making on. */
interface Life {
  readonly tab: Tab
  readonly dice: Dice
  readonly world: World
  readonly profile: Profile
  readonly server: { isUp: boolean }
  readonly stops: (() => void)[]
  readonly heal: (() => void)[]
  /** Promises that were given out and have not settled. */
  owed: number
}

function give(life: Life, promise: Promise<unknown>): void {
  life.owed += 1
  const settled = () => {
    life.owed -= 1
  }
  promise.then(settled, settled)
}

function write(life: Life, deed: 'send' | 'change'): void {
  const room = life.tab.client.room(life.dice.pick(ROOMS) ?? ROOMS[0])
  const key = room.timeline.get().items.at(-1)?.key
  const made = deed === 'send' || key === undefined ? room.send({ text: 'hello' }) : room.react(key, '👍')
  give(life, made.queued())
  give(life, made.confirmed())
}

function watch({ tab, dice, stops }: Life): void {
  const room = tab.client.room(dice.pick(ROOMS) ?? ROOMS[0])
  const readable = dice.pick([
    room.timeline,
    typing(room).users,
    receipts(room).state,
    presence(tab.client).of('bob'),
    presence(tab.client).inRoom(room.id),
    tab.client.outbox,
    tab.client.sync,
    tab.client.rooms,
  ])
  if (readable) stops.push(readable.subscribe(() => readable.get()))
}

/** The server is away for a while, for everybody. */
function killServer({ world, server, heal }: Life): void {
  if (!server.isUp) return
  server.isUp = false
  world.killServer()
  heal.push(() => {
    world.startServer()
    server.isUp = true
  })
}

function openHangs({ profile, heal }: Life): void {
  profile.disk.openHangs(true)
  heal.push(() => profile.disk.openHangs(false))
}

function refuse({ tab, heal }: Life): void {
  tab.link.refuse(true)
  heal.push(() => tab.link.refuse(false))
}

const DO: Readonly<Record<Deed, (life: Life) => void>> = {
  connect: ({ tab }) => tab.client.connect(),
  open: ({ tab, dice, stops }) => void stops.push(tab.client.room(dice.pick(ROOMS) ?? ROOMS[0]).open()),
  close: ({ stops }) => stops.shift()?.(),
  send: (life) => write(life, 'send'),
  change: (life) => write(life, 'change'),
  type: ({ tab }) => typing(tab.client.room(ROOMS[0])).keystroke(),
  read: ({ tab }) => receipts(tab.client.room(ROOMS[0])).markRead(),
  status: ({ tab, dice }) =>
    presence(tab.client).set({ status: dice.pick(['online', 'away', 'busy'] as const) ?? 'online' }),
  watch,
  older: (life) => give(life, life.tab.client.room(ROOMS[0]).loadOlder()),
  jump: (life) =>
    give(life, life.tab.client.room(ROOMS[0]).jumpTo(life.dice.pick(['newest', 'first-unread']) ?? 'newest')),
  disconnect: ({ tab }) => tab.client.disconnect(),
  signal: ({ tab, dice }) => {
    tab.lifecycle.signal(
      dice.pick(['online', 'offline', 'visible', 'hidden', 'freeze', 'resume'] as const) ?? 'online',
    )
  },
  drop: ({ tab }) => tab.link.drop(),
  hole: ({ tab, heal }) => void heal.push(tab.link.blackHole()),
  refuse,
  jumpClock: ({ tab, dice }) => tab.clock.jump(dice.between(-3_600_000, 3_600_000)),
  abort: ({ profile, dice }) =>
    profile.disk.abortNext(dice.pick(['unavailable', 'quota'] as const) ?? 'quota', 2),
  lose: ({ profile, tab, dice }) =>
    profile.disk.lose(dice.pick(['closed', 'emptied'] as const) ?? 'closed', tab.storage),
  hang: ({ profile, heal }) => void heal.push(profile.disk.hang()),
  openHangs,
  killServer,
}

async function end({ tab, dice }: Life): Promise<void> {
  if (dice.chance(0.7)) await tab.close()
  // A disk that does not answer may keep what it holds, and says so.
  else await tab.client.logout({ force: true }).catch(() => {})
}

async function live(life: Life, deeds: Map<string, number>): Promise<readonly string[]> {
  const { tab, dice, world, heal } = life
  for (let i = dice.between(0, DEEDS_MOST); i > 0; i--) {
    const deed = dice.weighted(DEEDS)
    deeds.set(deed, (deeds.get(deed) ?? 0) + 1)
    DO[deed](life)
    if (dice.chance(0.2)) heal.shift()?.()
    if (dice.chance(0.7)) await world.timeline.advance(dice.between(0, WAIT_MS))
  }
  const ended = end(life)
  // What is wrong may still be wrong when the client goes, and right itself only later.
  if (dice.chance(0.5)) await world.timeline.advance(dice.between(0, WAIT_MS))
  for (const right of heal) right()
  await world.timeline.advance(SILENCE_MS)
  await ended
  await world.timeline.settle()
  return [...tab.left(), ...(life.owed > 0 ? [`${life.owed} promises`] : [])]
}

/** Makes clients, lets them live with everything that may happen, ends each at some moment, and looks at what is left. */
export async function playLifecycles({ seed, count, seams }: LifecyclesOptions): Promise<LifecyclesTally> {
  const deeds = new Map<string, number>()
  const left: string[] = []
  for (let lived = 0; lived < count; ) {
    const worldSeed = seed * 1_000 + lived
    const world = createWorld({ seed: worldSeed, turns: 1, latencyMs: 20, diskMs: 2, limits: { rate: null } })
    const dice = createDice(createSeededRandom(worldSeed))
    const server = { isUp: true }
    const profiles = ['alice', 'bob', 'carol'].map(world.profile)
    for (let i = 0; i < LIVES_OF_A_WORLD && lived < count; i++, lived++) {
      const profile = dice.pick(profiles)
      if (!profile) break
      const tab = world.tab(profile, { locks: dice.chance(0.8), ...(seams && { seams }) })
      const life: Life = { tab, dice, world, profile, server, stops: [], heal: [], owed: 0 }
      for (const what of await live(life, deeds)) left.push(`life ${lived} of seed ${seed}: ${what}`)
    }
    await world.end()
  }
  return { lives: count, deeds: Object.fromEntries(deeds), left }
}
