import { type Platform, receipts, typing } from 'tidings/core'
import type { Seat } from '../sim/stage.js'
import type { Profile, World } from '../world.js'
import { createGate, type Gate } from './gate.js'
import type { Moment, Verdict } from './points.js'
import { type Between, watchPlatform, watchToken } from './seams.js'
import type { Words } from './words.js'

/** A place where somebody sits: one tab after the other on one profile. What its person does waits while the tab cannot. */
export interface Device {
  readonly name: string
  readonly user: string
  readonly profile: Profile
  /** The tab that is open now, as the laws know it. */
  readonly seat: Seat
  /** The person does something, now or when the tab can. */
  act(what: (seat: Seat) => void): void
  send(label: string, options?: { readonly to?: string; readonly room?: string }): void
  edit(label: string, body: string, options?: { readonly expectVersion?: true }): void
  remove(label: string): void
  react(label: string, emoji: string): void
  /** The tab is gone without a word, and the next one is opened at once. */
  crash(): void
  /** The tab stands still until the returned function is called. */
  freeze(): () => void
  /** The next transaction of this tab aborts. */
  abortNext(): void
  /**
   * A direction of its network is closed until the returned function is called. What was to pass meanwhile passes then, unless the
   * connection is over by then.
   */
  mute(direction: 'up' | 'down'): (ends?: 'ends') => void
  /** The person closes the tab for good. */
  leave(): void
  /** Opens a tab again after `leave`. */
  back(): void
  /** No order of a fault stands any more. */
  heal(): void
}

export interface DeviceOptions {
  readonly world: World
  readonly name: string
  readonly profile: Profile
  readonly rooms: readonly string[]
  readonly locks: boolean
  readonly token: (user: string) => Promise<string>
  readonly words: Words
  readonly seats: Seat[]
  readonly meet: (device: Device, moment: Moment) => Verdict
  /** A defect between the client and its platform. */
  readonly plant: ((platform: Platform) => Platform) | undefined
}

/** What one tab of a device lives with. */
interface Life {
  readonly gate: Gate
  readonly held: (() => void)[]
  aborts: boolean
}

export function createDevice(options: DeviceOptions): Device {
  const { world, name, profile, words, seats } = options
  const { user } = profile
  let life: Life
  let seat: Seat
  let lives = 0
  const acts: (() => void)[] = []

  function betweenOf(own: Life): Between {
    return {
      gate: own.gate,
      // A tab that is gone goes on for as long as its last call lasts, and nobody hears of it.
      meet: (moment) => (own.gate.state === 'ended' ? 'lost' : options.meet(device, moment)),
      hold: (deliver) => void own.held.push(deliver),
      aborts() {
        const aborts = own.aborts
        own.aborts = false
        return aborts
      },
    }
  }

  function open(): void {
    const own: Life = { gate: createGate(), held: [], aborts: false }
    life = own
    const between = betweenOf(own)
    const tab = world.tab(profile, {
      locks: options.locks,
      token: watchToken(between, () => options.token(user)),
      seams(platform) {
        const watched = watchPlatform(between, platform)
        return options.plant?.(watched) ?? watched
      },
    })
    // Each tab has a name of its own: what one wrote and lost, the next one does not owe.
    const made: Seat = { name: `${name}.${++lives}`, profile, tab, resets: 0 }
    seat = made
    seats.push(made)
    tab.client.on('queued', ({ key }) => {
      if (own.gate.state !== 'ended') words.queued(key)
    })
    tab.client.on('reset', () => {
      made.resets += 1
    })
    for (const room of options.rooms) {
      const face = tab.client.room(room)
      face.open()
      typing(face).users.subscribe(() => {})
      receipts(face).state.subscribe(() => {})
    }
    tab.client.connect()
  }

  function act(what: (seat: Seat) => void): void {
    if (life.gate.state === 'closed') acts.push(() => what(seat))
    else what(seat)
  }

  /** Whether somebody sat there. */
  function rise(): boolean {
    const at = seats.indexOf(seat)
    if (at >= 0) seats.splice(at, 1)
    return at >= 0
  }

  const device: Device = {
    name,
    user,
    profile,
    get seat() {
      return seat
    },
    act,
    send: (label, more = {}) =>
      act((sits) => words.send(sits, { label, room: options.rooms[0] ?? '', ...more })),
    edit: (label, body, more = {}) => act(({ tab }) => words.edit(tab.client, label, body, more)),
    remove: (label) => act(({ tab }) => words.remove(tab.client, label)),
    react: (label, emoji) => act(({ tab }) => words.react(tab.client, label, emoji)),
    crash() {
      life.gate.end()
      seat.tab.crash()
      if (rise()) open()
    },
    freeze() {
      const frozen = life
      frozen.gate.close()
      const thaw = seat.tab.freeze()
      return () => {
        frozen.gate.open()
        thaw()
        for (const each of acts.splice(0)) each()
      }
    },
    abortNext() {
      life.aborts = true
    },
    mute(direction) {
      const { held } = life
      const { link } = seat.tab
      const end = link.blackHole(direction)
      return (ends) => {
        if (ends) link.drop()
        for (const deliver of held.splice(0)) if (!ends) deliver()
        end()
      }
    },
    leave: () =>
      act(({ tab }) => {
        rise()
        void tab.client.destroy()
      }),
    back: () => act(open),
    heal() {
      life.aborts = false
    },
  }
  open()
  return device
}
