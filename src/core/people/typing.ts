import type { ServerFrames } from '../../protocol/index.js'
import type { Room } from '../api.js'
import { onePer, type RoomStage, stageOf } from '../backstage.js'
import { createCell } from '../emitter.js'
import { typingExpiresMs, typingRepeatMs, typingSilenceMs, typistsMost } from '../limits.js'
import type { Readable } from '../seams/readable.js'
import { createView } from '../view.js'

/** Somebody who types. */
export interface Typist {
  readonly user: string
  /** Since when, by this device's clock: ms since the epoch. */
  readonly since: number
}

/** Who types in a room, and this user's own typing. Nothing of it is stored or queued. */
export interface Typing {
  /**
   * Call it at each change of the input. The others are told at once, again every 2 s while more of these come, and that it is over
   * after 3 s without, when a message is sent to the room, or at `stop`. While not connected it does nothing. Never throws.
   */
  readonly keystroke: () => void
  /** The input was emptied or left. Tells the others if they were told of a start. */
  readonly stop: () => void
  /** Whether the others were told that this user types. */
  readonly isTyping: Readable<boolean>
  /**
   * The others who type, in the order in which they began; at most 100. Each for at most 5 s after the last word of theirs, and until
   * their message arrives; nobody while not connected. The room is followed while this is subscribed; otherwise the list is empty.
   */
  readonly users: Readable<readonly Typist[]>
}

const typings = /* @__PURE__ */ onePer<object, Typing>((room) => createTyping(stageOf(room)))

/** The typing of a room; always the same for the same room. Throws a TidingsError `invalid_argument` for a room of another making. */
export const typing = <Body, Input>(room: Room<Body, Input>): Typing => typings(room)

function createTyping(stage: RoomStage): Typing {
  const users = createTypists(stage)
  return { ...createOwn(stage, users.areTold), users: users.readable }
}

type Own =
  | { readonly is: 'silent' }
  | {
      readonly is: 'typing'
      /** A key was struck since the last start. */
      again: boolean
      cancelRepeat: () => void
      cancelSilence: () => void
      readonly release: () => void
    }

/** What this user does in the room, as the others are told. */
function createOwn({ client, followed, onSend }: RoomStage, areTold: () => boolean) {
  const { clock, connection, frames } = client
  const room = followed.id
  const isTyping = createCell(false, client.onThrow)
  let own: Own = { is: 'silent' }

  const tell = (): boolean => client.send({ type: 'typing_start', room }, 'ephemeral')

  function begin(): void {
    if (!areTold() || followed.replica.status().status === 'refused' || !tell()) return
    own = {
      is: 'typing',
      again: false,
      cancelRepeat: clock.after(typingRepeatMs, repeat),
      cancelSilence: clock.after(typingSilenceMs, stop),
      release: listen(),
    }
    isTyping.set(true)
  }

  function listen(): () => void {
    const stops = [
      onSend(stop),
      client.onEnd(stop),
      connection.subscribe(() => {
        if (connection.get().state !== 'connected') forget()
      }),
      frames.on('unsubscribed', (frame) => {
        if (frame.room === room) forget()
      }),
    ]
    return () => {
      for (const end of stops) end()
    }
  }

  function repeat(): void {
    if (own.is === 'silent') return
    // Where the connection is crowded it is left out: the next one may pass.
    if (own.again) tell()
    own.again = false
    own.cancelRepeat = clock.after(typingRepeatMs, repeat)
  }

  /** What the server was told does not count any more, or it knows better. */
  function forget(): boolean {
    if (own.is === 'silent') return false
    own.cancelRepeat()
    own.cancelSilence()
    own.release()
    own = { is: 'silent' }
    isTyping.set(false)
    return true
  }

  function stop(): void {
    // The end is never left out: it goes whatever waits to be sent.
    if (forget()) client.send({ type: 'typing_stop', room }, 'control')
  }

  return {
    keystroke() {
      if (own.is === 'silent') {
        begin()
        return
      }
      own.again = true
      own.cancelSilence()
      own.cancelSilence = clock.after(typingSilenceMs, stop)
    },
    stop,
    isTyping: { get: isTyping.get, subscribe: isTyping.subscribe },
  }
}

/** The others who type, as long as somebody wants to know. */
function createTypists({ client, followed }: RoomStage) {
  const { clock, connection, frames } = client
  // A timer each: how much of one is left when another begins cannot be told from a clock that may jump.
  const typists = new Map<string, { readonly typist: Typist; readonly cancel: () => void }>()
  let told = true
  let release: (() => void) | undefined

  const view = createView<readonly Typist[]>(
    () => [...typists.values()].map(({ typist }) => typist),
    client.onThrow,
    (watched) => {
      release?.()
      release = watched ? listen() : undefined
    },
  )

  function begin({ room, userId: user, expires }: ServerFrames['typing_start']): void {
    if (room !== followed.id || user === client.user) return
    const known = typists.get(user)
    if (!known && typists.size >= typistsMost) return
    known?.cancel()
    typists.set(user, {
      typist: known?.typist ?? { user, since: clock.now() },
      cancel: clock.after(Math.min(expires, typingExpiresMs), () => end(user)),
    })
    if (!known) view.touch()
  }

  function end(user: string): void {
    typists.get(user)?.cancel()
    if (typists.delete(user)) view.touch()
  }

  function clear(): void {
    for (const user of [...typists.keys()]) end(user)
  }

  function listen(): () => void {
    const here = (frame: { readonly room: string }): boolean => frame.room === followed.id
    const stops = [
      followed.hold(),
      frames.on('typing_start', begin),
      frames.on('typing_stop', (frame) => here(frame) && end(frame.userId)),
      frames.on('event', (frame) => here(frame) && frame.kind === 'create' && end(frame.from)),
      frames.on('unsubscribed', (frame) => here(frame) && clear()),
      frames.on('subscribed', (frame) => {
        if (here(frame)) told = frame.limits?.typing !== false
      }),
      connection.subscribe(() => {
        if (connection.get().state !== 'connected') clear()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
      told = true
      clear()
    }
  }

  return {
    readable: { get: view.get, subscribe: view.subscribe },
    /** Whether anybody is told in this room, as far as is known here. */
    areTold: () => told,
  }
}
