import type { RoomStage } from '../backstage.js'
import type { Readable } from '../seams/readable.js'
import { createView } from '../view.js'
import { createReaders, type Readers } from './readers.js'

/** A watched list of readers of one message. */
interface Watched {
  /** The message's position; null while nobody knows it. */
  readonly seq: () => number | null
  readonly touch: () => void
}

/** What the others have read in a room. */
export interface Others {
  readonly readers: Readers
  /** How often something moved. */
  changes(): number
  onChange(listener: () => void): void
  /** Keeps the room followed, and the marks current, until the returned function is called. */
  hold(): () => void
  /** Something about the room changed: messages that had no place yet may have one. */
  look(): void
  readBy(reference: string): Readable<readonly string[]>
}

export function createOthers(stage: RoomStage): Others {
  const { client, followed } = stage
  const readers = createReaders()
  const watched = new Set<Watched>()
  const lists = new Map<string, Readable<readonly string[]>>()
  const listeners = new Set<() => void>()
  let changes = 0
  let wanted = 0
  /** Whether this connection brought all marks: with `subscribed`, or because they were asked for. */
  let isWhole = false

  function askIfNeeded(): void {
    if (isWhole || wanted === 0 || followed.replica.status().status !== 'live') return
    const ask = { type: 'read_receipt', room: followed.id, at: client.serverNow() } as const
    isWhole = client.send(ask, 'ephemeral')
  }

  /** Keeps the room followed for somebody who wants to know. */
  function hold(): () => void {
    const release = followed.hold()
    wanted += 1
    askIfNeeded()
    return () => {
      wanted -= 1
      release()
    }
  }

  function changed(concerns: (seq: number | null) => boolean): void {
    changes += 1
    for (const { seq, touch } of watched) if (concerns(seq())) touch()
    for (const listener of listeners) listener()
  }

  client.frames.on('read_receipt', (frame) => {
    const passed = frame.room === followed.id && readers.take(frame.readers, client.user)
    if (passed) changed((seq) => seq !== null && seq > passed.after && seq <= passed.upTo)
  })
  client.frames.on('subscribed', (frame) => {
    if (frame.room !== followed.id) return
    isWhole = true
    if (readers.bound(frame.head)) changed(() => true)
  })
  client.onEnd(
    client.connection.subscribe(() => {
      if (client.connection.get().state !== 'connected') isWhole = false
    }),
  )
  function forget(): void {
    readers.clear()
    changed(() => true)
  }
  client.frames.on('unsubscribed', (frame) => {
    if (frame.room === followed.id && !frame.retryable) forget()
  })
  client.onEnd(forget)

  return {
    readers,
    changes: () => changes,
    hold,
    onChange: (listener) => void listeners.add(listener),
    look() {
      askIfNeeded()
      for (const { seq, touch } of watched) if (seq() === null) touch()
    },
    readBy(reference) {
      const held = lists.get(reference)
      if (held) return held
      const list = createReadBy({ ...stage, hold }, reference, readers, (one, on) => {
        // Only what is watched is kept: asking leaves nothing behind.
        if (on) lists.set(reference, list)
        else lists.delete(reference)
        if (on) watched.add(one)
        else watched.delete(one)
      })
      return list
    },
  }
}

const NOBODY: readonly string[] = Object.freeze([])
const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((user, i) => user === b[i]))

function createReadBy(
  { client, followed, hold }: RoomStage & { readonly hold: () => () => void },
  reference: string,
  readers: Readers,
  onWatched: (watched: Watched, on: boolean) => void,
): Readable<readonly string[]> {
  let seq: number | null = null
  let whole = NOBODY
  let shown = NOBODY

  function get(): readonly string[] {
    const message = followed.timeline.find(reference)
    seq = message?.seq ?? null
    const next = seq === null ? NOBODY : readers.of(seq)
    if (next === whole) return shown
    whole = next
    // The author has read it, and everybody knows.
    const without =
      message && message.from !== client.user && next.includes(message.from)
        ? next.filter((user) => user !== message.from)
        : next
    if (!isSame(shown, without)) shown = without
    return shown
  }

  let release: (() => void) | undefined
  const view = createView(get, client.onThrow, (on) => {
    release?.()
    release = on ? hold() : undefined
    onWatched(watched, on)
  })
  const watched: Watched = { seq: () => seq, touch: view.touch }
  return { get, subscribe: view.subscribe }
}
