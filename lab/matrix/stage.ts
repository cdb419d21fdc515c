import type { Platform } from 'tidings/core'
import { formatStamp } from 'tidings/protocol'
import type { Log, Screen, ServerCoreOptions, Verify, Watch } from 'tidings-server/core'
import { createLaws } from '../sim/laws.js'
import type { Intent, Judged, Seat } from '../sim/stage.js'
import { createWorld } from '../world.js'
import { createDevice, type Device } from './device.js'
import { createNumbering, type Meet, type Moment, type Point, type Verdict } from './points.js'
import { createServerLog, type ServerLog } from './server-log.js'
import { createSteadiness } from './steady.js'
import { createWords, type Words } from './words.js'

/** What the server does differently for a while. */
export interface Rules {
  outgoing?: Watch | undefined
  screen?: Screen | undefined
  authorize?: ServerCoreOptions['authorize'] | undefined
  verify?: Verify | undefined
  token?: ((user: string) => Promise<string>) | undefined
  /** Entries in a page at most. */
  pageMost: number
}

/** How somebody comes. */
export interface Comes {
  /** Which of their devices it is, where they have several. */
  readonly at?: string
  /** A tab of the same profile as this one. */
  readonly beside?: Device
  readonly locks?: boolean
}

/** What a scene is played on. */
export interface Stage extends Judged {
  readonly seats: Seat[]
  readonly rules: Rules
  readonly words: Words
  readonly serverLog: ServerLog
  /** Somebody comes. */
  device(user: string, more?: Comes): Device
  /** From here on every moment is a point of this step. */
  step(name: string): void
  /** Lets time pass, and looks at what everybody sees. */
  pass(ms: number): Promise<void>
  /** Messages that are in the log already, of somebody who never comes. */
  fill(room: string, count: number, from?: number): Promise<void>
  /** The server is gone until the returned function is called. */
  takeDown(): () => void
  /** Something lasts until it is over; the scene is healed when everything is. */
  lasting(ms: number, end: () => void): void
  /** Nothing breaks any more. Resolves when all that lasted is over. */
  heal(): Promise<void>
  look(): void
}

/** Decides what becomes of a point. */
export type OnPoint = (point: Point, device: Device, stage: Stage) => Verdict

/** What is wrong on purpose, for canaries. */
export interface Plant {
  /** The log that the server is given instead of this one. */
  readonly log?: (log: Log) => Log
  /** What stands between each client and its platform. */
  readonly seams?: (platform: Platform) => Platform
}

export interface StageOptions {
  readonly scene: string
  readonly onPoint: OnPoint
  readonly plant?: Plant | undefined
}

const LATENCY_MS = 20
const DISK_MS = 1
const PAGE_MOST = 500
const ROOMS = ['general', 'other']
/** Of those who wrote before a scene begins. */
const EARLIER = 'carol'

export function createStage({ scene, onPoint, plant }: StageOptions): Stage {
  const rules: Rules = { pageMost: PAGE_MOST }
  const world = createWorld({
    ...{ latencyMs: LATENCY_MS, diskMs: DISK_MS, seed: 1, turns: 1, limits: { rate: null } },
    outgoing: (frame, to) => rules.outgoing?.(frame, to) ?? 'pass',
    screen: (operation) => rules.screen?.(operation),
    authorize: (ask) => rules.authorize?.(ask) ?? 'allow',
    verify: (token, origin) => rules.verify?.(token, origin) ?? (token ? { user: token } : 'refused'),
  })
  const nameOf = createNumbering()
  const intents = new Map<string, Intent>()
  const words = createWords(intents)
  const seats: Seat[] = []
  const devices: Device[] = []
  const lasts = new Set<() => void>()
  let step: string | undefined
  /** Who spoke last, so that what the server does is somebody's doing. */
  let speaker: Device | undefined
  let holdsDown = 0
  let broken: unknown

  function meet(device: Device, { kind, what, begins = false }: Moment): Verdict {
    if (kind === 'out') speaker = device
    if (step === undefined) return 'pass'
    const name = nameOf(`${scene}/${step}/${device.name}/${what()}`)
    const verdict = onPoint({ name, kind, begins }, device, stage)
    // What a page could see next.
    void Promise.resolve().then(glance)
    return verdict
  }
  const meetServer: Meet = (moment) => (speaker ? meet(speaker, moment) : 'pass')
  const serverLog = createServerLog(world, meetServer, () => rules.pageMost)

  function look(): void {
    laws.look()
    steadiness.look()
  }

  /** Looks in the middle of something: what is found is told when time has passed. */
  function glance(): void {
    try {
      look()
    } catch (cause) {
      broken ??= cause
    }
  }

  function restart(): void {
    world.setLog(plant?.log?.(serverLog.log) ?? serverLog.log)
    world.startServer()
  }
  world.killServer()
  restart()

  const stage: Stage = {
    ...{ world, rules, words, seats, intents, serverLog, rooms: ROOMS, told: [] },
    get rolledBackAt() {
      return serverLog.cutAt
    },
    device(user, { at, beside, locks = true } = {}) {
      const device = createDevice({
        ...{ world, words, seats, meet, locks, rooms: ROOMS, name: at ? `${user}-${at}` : user },
        plant: plant?.seams,
        profile: beside?.profile ?? world.profile(user),
        token: (user) => rules.token?.(user) ?? Promise.resolve(user),
      })
      devices.push(device)
      return device
    },
    step(name) {
      step = name
    },
    async pass(ms) {
      await world.timeline.advance(ms)
      glance()
      if (broken) throw broken
    },
    async fill(room, count, from = 1) {
      const now = world.timeline.now()
      const operations = Array.from({ length: count }, (_, i) => {
        const label = `${EARLIER} ${room} ${from + i}`
        const key = `${room}-${from + i}`
        words.given({ label, user: EARLIER, room, key })
        const stamp = formatStamp(now + i, 0, 'earlier----')
        return {
          ...{ room, author: EARLIER, id: key, stamp },
          kind: 'create' as const,
          body: JSON.stringify(label),
        }
      })
      await serverLog.give(operations)
      await world.timeline.advance(count)
    },
    takeDown() {
      if (holdsDown++ === 0) world.killServer()
      let over = false
      return () => {
        if (over) return
        over = true
        if (--holdsDown === 0) restart()
      }
    },
    lasting(ms, end) {
      const over = () => {
        if (lasts.delete(over)) end()
      }
      lasts.add(over)
      world.timeline.clock().after(ms, over)
    },
    async heal() {
      step = undefined
      while (lasts.size > 0) await stage.pass(1_000)
      for (const device of devices) device.heal()
      Object.assign(rules, {
        ...{ outgoing: undefined, screen: undefined, authorize: undefined, verify: undefined },
        ...{ token: undefined, pageMost: PAGE_MOST },
      })
    },
    look,
  }
  const laws = createLaws(stage)
  const steadiness = createSteadiness(stage)
  return stage
}
