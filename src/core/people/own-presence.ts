import { name, presenceStatus, text, time } from '../../protocol/fields.js'
import type { ClientFrames } from '../../protocol/index.js'
import { fits } from '../../protocol/shape.js'
import type { Backstage } from '../backstage.js'
import { TidingsError } from '../errors.js'
import { presenceRetryMs, presenceThrottleMs } from '../limits.js'
import type { Readable } from '../seams/readable.js'
import { createView } from '../view.js'
import type { IdleStatus } from './idle.js'
import { createWakeUp } from './wake-up.js'

/** How somebody is there. Whoever says `offline` looks gone to others. */
export type PresenceStatus = 'online' | 'away' | 'busy' | 'offline'

/** What this client says of its user. What is null is not said. */
export interface OwnPresence {
  readonly status: PresenceStatus
  /** Words of their own, up to 1,024 characters. */
  readonly custom: string | null
  /** Kind of device, such as `phone`; up to 128 characters. */
  readonly device: string | null
  /** The room they are in. Whoever may see them sees its name. */
  readonly room: string | null
  /** Ms since the epoch, by the server's clock; null once it has passed. */
  readonly doNotDisturbUntil: number | null
}

/** The saying of one client. */
export interface Own {
  set(words: Partial<OwnPresence>): void
  readonly mine: Readable<OwnPresence>
  awayWhile(idle: Readable<IdleStatus>): () => void
  /** A new connection, whose server knows nothing yet. */
  up(): void
  down(): void
  stop(): void
}

const SILENT: OwnPresence = {
  status: 'online',
  custom: null,
  device: null,
  room: null,
  doNotDisturbUntil: null,
}

export function createOwn(stage: Pick<Backstage, 'clock' | 'serverNow' | 'send' | 'onThrow'>): Own {
  const { clock, serverNow, onThrow } = stage
  const idles = new Set<Readable<IdleStatus>>()
  const stops = new Set<() => void>()
  let words = SILENT
  /** A client that never says anything counts as online, so there is nothing to say yet. */
  let speaks = false
  let connected = false
  /** What the server of this connection was told last, as text. */
  let told = ''
  let cancelPause: (() => void) | undefined

  const wakeUp = createWakeUp({ clock, now: serverNow, run: changed })
  const view = createView(now, onThrow)
  let last = SILENT
  let ended = false

  /** The same reference until it changed; time alone may change it. */
  function now(): OwnPresence {
    const next = shown()
    if (!same(last, next)) last = next
    return last
  }

  /** What is said, as it holds now. */
  function shown(): OwnPresence {
    const { status, doNotDisturbUntil: until } = words
    const isIdle = [...idles].some((idle) => idle.get().state === 'idle')
    return {
      ...words,
      status: status === 'online' && isIdle ? 'away' : status,
      doNotDisturbUntil: until !== null && until > serverNow() ? until : null,
    }
  }

  function changed(): void {
    if (ended) return
    const { status, doNotDisturbUntil } = now()
    if (status !== words.status) speaks = true
    wakeUp.at(doNotDisturbUntil)
    view.touch()
    say()
  }

  /** At once if it is the first word in a while, else when the pause is over: then what holds then. */
  function say(): void {
    if (!connected || !speaks || cancelPause) return
    const frame = frameOf(now())
    const line = JSON.stringify(frame)
    if (line === told) return
    const taken = stage.send(frame, 'ephemeral')
    if (taken) told = line
    cancelPause = clock.after(taken ? presenceThrottleMs : presenceRetryMs, () => {
      cancelPause = undefined
      say()
    })
  }

  function down(): void {
    connected = false
    cancelPause?.()
    cancelPause = undefined
  }

  return {
    mine: { get: now, subscribe: view.subscribe },
    set(given) {
      words = { ...words, ...checked(given) }
      speaks = true
      changed()
    },
    awayWhile(idle) {
      // A Readable of its own for each call: two may follow one detector.
      const followed: Readable<IdleStatus> = { get: idle.get, subscribe: idle.subscribe }
      idles.add(followed)
      const stopListening = followed.subscribe(changed)
      changed()
      const stop = (): void => {
        if (!stops.delete(stop)) return
        stopListening()
        idles.delete(followed)
        changed()
      }
      stops.add(stop)
      return stop
    },
    up() {
      down()
      connected = true
      told = ''
      // The clock of the server may be known better now, and with it what has passed.
      changed()
    },
    down,
    stop() {
      down()
      ended = true
      for (const stop of [...stops]) stop()
      wakeUp.at(null)
    },
  }
}

function frameOf({ status, custom, device, room, doNotDisturbUntil }: OwnPresence): ClientFrames['presence'] {
  return {
    type: 'presence',
    status,
    ...(custom !== null && { custom }),
    ...(device !== null && { device }),
    ...(room !== null && { room }),
    ...(doNotDisturbUntil !== null && { doNotDisturbUntil }),
  }
}

const same = (a: OwnPresence, b: OwnPresence): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What may be said; throws for the first thing that may not, so that nothing of it is taken. */
function checked(given: Partial<OwnPresence>): Partial<OwnPresence> {
  const { status, custom, device, room, doNotDisturbUntil: until } = given
  if (status !== undefined && !fits(presenceStatus, status))
    throw wrong('A status is online, away, busy or offline.')
  if (custom != null && !fits(text, custom))
    throw wrong('Words of a presence are text, up to 1,024 characters.')
  if (device != null && !fits(name, device)) throw wrong('A device is a name, up to 128 characters.')
  if (room != null && !fits(name, room)) throw wrong('A room is a name, up to 128 characters.')
  const whole = until == null ? until : Math.floor(until)
  if (whole != null && !fits(time, whole)) throw wrong('A `doNotDisturbUntil` is ms since the epoch.')
  return {
    ...(status !== undefined && { status }),
    ...(custom !== undefined && { custom }),
    ...(device !== undefined && { device }),
    ...(room !== undefined && { room }),
    ...(whole !== undefined && { doNotDisturbUntil: whole }),
  }
}

const wrong = (rule: string): TidingsError =>
  new TidingsError('invalid_argument', `${rule} Nothing was changed.`)
