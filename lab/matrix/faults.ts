import type { Device } from './device.js'
import type { Kind, Point, Verdict } from './points.js'
import type { Stage } from './stage.js'

/** Longer than a server waits for a sign of life: who stands still that long is taken for gone. */
const FROZEN_MS = 45_000
/** Long enough for an acknowledgement to be overdue and for a probe to be given up. */
const MUTE_MS = 20_000
const DOWN_MS = 2_000

const isFrame = ({ kind }: Point): boolean => kind === 'in' || kind === 'out'

interface Fault {
  readonly about: string
  /** The points at which it can strike; all, unless said. */
  readonly at?: (point: Point) => boolean
  readonly strike: (point: Point, device: Device, stage: Stage) => Verdict
}

/** When the socket dies at the moment at which a text arrives, it had not arrived yet. */
const gone = ({ kind }: Point): Verdict => (kind === 'in' ? 'lost' : 'pass')

/** What can be refused when it is asked for. */
const FAILS: readonly Kind[] = ['open', 'read', 'scan', 'transact', 'token', 'log']

/** Everything that happens to a point, one at a time. */
export const FAULTS = {
  drop: {
    about: 'The socket dies.',
    strike(point, device) {
      device.seat.tab.link.drop()
      return gone(point)
    },
  },
  crash: {
    about: 'The tab is gone; the next one is built from its disk.',
    strike({ kind }, device) {
      device.crash()
      // What a server began goes on without the tab.
      return kind === 'log' ? 'pass' : 'lost'
    },
  },
  freeze: {
    about: `The tab stands still for ${FROZEN_MS / 1_000} s.`,
    strike(_, device, stage) {
      stage.lasting(FROZEN_MS, device.freeze())
      return 'pass'
    },
  },
  abort: {
    about:
      "This call fails, of the device, of the token's provider or of the server's log; elsewhere the tab's next transaction aborts.",
    strike({ kind, begins }, device) {
      if (begins && FAILS.includes(kind)) return 'fail'
      device.abortNext()
      return 'pass'
    },
  },
  mute: {
    about: `This text and what follows it in its direction takes ${MUTE_MS / 1_000} s.`,
    at: isFrame,
    strike({ kind }, device, stage) {
      const end = device.mute(kind === 'in' ? 'down' : 'up')
      stage.lasting(MUTE_MS, () => end())
      return kind === 'in' ? 'held' : 'pass'
    },
  },
  lose: {
    about: `This text and what follows it in its direction is lost; after ${MUTE_MS / 1_000} s the connection ends.`,
    at: isFrame,
    strike({ kind }, device, stage) {
      const end = device.mute(kind === 'in' ? 'down' : 'up')
      stage.lasting(MUTE_MS, () => end('ends'))
      return 'lost'
    },
  },
  kill: {
    about: `The server is killed, and comes back after ${DOWN_MS / 1_000} s.`,
    strike(point, _, stage) {
      stage.lasting(DOWN_MS, stage.takeDown())
      return point.kind === 'log' && point.begins ? 'lost' : gone(point)
    },
  },
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof FAULTS

const all: Readonly<Record<FaultName, Fault>> = FAULTS

export const isFault = (name: string): name is FaultName => Object.hasOwn(FAULTS, name)

/** The faults that can strike at a point. */
export const faultsAt = (point: Point): readonly FaultName[] =>
  Object.keys(FAULTS).filter((name): name is FaultName => isFault(name) && (all[name].at?.(point) ?? true))

export const strike = (name: FaultName, point: Point, device: Device, stage: Stage): Verdict =>
  all[name].strike(point, device, stage)
