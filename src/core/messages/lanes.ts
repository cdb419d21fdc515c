import type { ClientFrame, ServerFrames } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'
import { perTick } from '../per-tick.js'
import type { Clock } from '../seams/clock.js'
import type { Random } from '../seams/random.js'
import { ackedOf, EXPIRED, failureOf, fateOf, loggedAs, poisoned } from './answers.js'
import { createClaims, type Role } from './claims.js'
import type { Acked, Entry, Failure } from './entry.js'
import { expiredOf, headOf } from './lane-head.js'
import { operationFrame } from './operation-frame.js'
import type { Outbox } from './outbox.js'
import type { StoredMessage } from './record.js'
import { createReferences, type ReferencesParts } from './references.js'
import { createRefusals } from './refusals.js'
import { createTokenBucket, type TokenBucket } from './token-bucket.js'
import { acknowledge, discard, fail, holdBack, park, requeue, type Transition } from './transitions.js'

export interface LanesParts extends Pick<ReferencesParts, 'isListed'> {
  readonly outbox: Outbox
  readonly clock: Clock
  readonly random: Random
  readonly serverNow: () => number
  /** Names this context in claims. */
  readonly claimant: string
  /** Hands frames to the connection; false when it takes none now. */
  readonly send: (frames: readonly ClientFrame[]) => boolean
  /** Whether operations of a room may leave at all. */
  readonly maySend: (room: string) => boolean
  /** The message of this name in the log of a room, as far as that is in memory. */
  readonly logged: (room: string, name: string) => StoredMessage | undefined
  /** Whether the room's log was read far enough that a lost acknowledgement would have been seen. */
  readonly mayResend: (room: string) => boolean
  /** Acknowledgements are overdue: the connection should look whether it is alive. */
  readonly onSilence: () => void
  readonly onConfirmed: (entry: Entry) => void
  /** Something is due and left to another context. */
  readonly onYield: () => void
  readonly onFailed: (entry: Entry) => void
}

/** The way out of the outbox: per room first in, first out, one array in flight, independent of other rooms. */
export interface Lanes {
  /** A connection was welcomed with these limits. */
  open(rate: ServerFrames['welcome']['limits']['rate']): void
  /** It is over. */
  close(): void
  /** How this context takes part in sending from now on. */
  play(role: Role): void
  /** How an entry that is made now starts its life: already claimed when it can leave as soon as it is on disk. */
  birth(id: string): Pick<Entry, 'attempts' | 'at' | 'claim'>
  /** Whether an entry that was claimed here waits here: it was never on the wire, and nobody else puts it there now. */
  holds(entry: Entry): boolean
  /** Whether something is due that is left to another context. */
  yields(): boolean
  /** Something changed: looks at one room's lane, or at all. */
  wake(room?: string): void
  ack(frame: ServerFrames['ack']): void
  nack(frame: ServerFrames['nack']): void
  /** The log holds an own operation: as good as an acknowledgement. */
  settle(id: string, acked: Acked): void
}

/** A lane owns its one timer. */
type Lane =
  | { readonly name: 'idle' }
  /** The disk is asked what others wrote. */
  | { readonly name: 'looking'; readonly cancel: () => void }
  | { readonly name: 'claiming'; readonly cancel: () => void }
  | {
      readonly name: 'inflight'
      readonly ids: Set<string>
      readonly cancel: () => void
      pauseMs: number | null
    }
  | { readonly name: 'pausing'; readonly cancel: () => void }
  /** Another context should send it. */
  | { readonly name: 'yielding'; readonly cancel: () => void }

const IDLE: Lane = { name: 'idle' }

export function createLanes(parts: LanesParts): Lanes {
  const { outbox, clock } = parts
  const lanes = new Map<string, Lane>()
  /** Claimed in this life and never on the wire. */
  const unsent = new Set<string>()
  const refusals = createRefusals(parts.random)
  let bucket: TokenBucket | undefined
  const references = createReferences(parts)
  const claims = createClaims(parts.claimant, parts.serverNow)
  // The operations of one tick leave in one array.
  const wakeRoom = perTick(pump)

  const laneOf = (room: string): Lane => lanes.get(room) ?? IDLE
  const wasOnTheWire = (entry: Entry): boolean => entry.attempts > 0 && !unsent.has(entry.id)
  const change = (id: string, transition: Transition): void => void outbox.change([id], transition)

  function enter(room: string, next: Lane): void {
    const current = laneOf(room)
    if (current.name !== 'idle') current.cancel()
    if (next.name === 'idle') lanes.delete(room)
    else lanes.set(room, next)
  }

  function wakeAll(): void {
    for (const room of outbox.rooms()) wakeRoom(room)
  }

  function pump(room: string): void {
    // What was left to another context is settled: nothing is in the way any more.
    if (laneOf(room).name === 'yielding' && !headOf(outbox, room).some(claims.isForeign)) enter(room, IDLE)
    if (!bucket || claims.role === 'none' || laneOf(room).name !== 'idle' || !parts.maySend(room)) return
    for (const entry of expiredOf(outbox, room, parts.serverNow())) {
      if (wasOnTheWire(entry)) change(entry.id, park)
      else giveUp(entry.id, EXPIRED)
    }
    takeStock(room)
    const entries = headOf(outbox, room)
    const first = entries[0]
    if (!first) return
    if (references.areStrange(room, entries)) return look(room)
    const yieldMs = claims.yieldMs(first)
    if (yieldMs > 0) return wait(room, 'yielding', yieldMs)
    if (entries.some(wasOnTheWire) && !parts.mayResend(room)) return
    if (entries.some(claims.isNeeded)) claim(room, entries)
    else depart(room, entries, bucket)
  }

  /** What stands in the log has arrived, whoever heard the answer. What nobody can tell waits for its author, who sees it at the message. */
  function takeStock(room: string): void {
    for (const entry of outbox.open(room)) {
      const isTold = entry.kind === 'create' && wasOnTheWire(entry) && parts.mayResend(room)
      const message = isTold ? parts.logged(room, entry.id) : undefined
      if (message?.id === entry.id) settle(entry.id, loggedAs(message, parts.serverNow()))
      // Where there is no message to see, it is made again.
      else if (entry.state === 'unknown' && references.isOutOfSight(entry))
        change(entry.id, requeue(parts.serverNow()))
    }
  }

  /** Another context may have written what an operation names, and this one not have heard of it: what is named goes first. */
  function look(room: string): void {
    const lane: Lane = { name: 'looking', cancel: () => undefined }
    enter(room, lane)
    void outbox.look().then(() => {
      if (laneOf(room) === lane) resume(room)
    })
  }

  /** Writes down that the entries are about to leave, so that nobody takes them for unsent after a crash. */
  function claim(room: string, entries: readonly Entry[]): void {
    const ids = entries.filter(claims.isNeeded).map((entry) => entry.id)
    for (const entry of entries) if (entry.attempts === 0) unsent.add(entry.id)
    const lane: Lane = {
      name: 'claiming',
      cancel: clock.after(LIMITS.slowWriteMs, () => claimed(room, lane)),
    }
    enter(room, lane)
    void outbox.change(ids, claims.claim()).then(() => claimed(room, lane))
  }

  function claimed(room: string, lane: Lane): void {
    if (laneOf(room) !== lane || !bucket) return
    const entries = headOf(outbox, room)
    // Another context puts these on the wire, and what is behind them waits for them. What is before them must not: two contexts of which
    // each holds a part would wait for ever.
    for (const entry of entries) if (!claims.isOurs(entry)) unsent.delete(entry.id)
    const end = entries.findIndex((entry) => !claims.isOurs(entry))
    if (end === 0) return wait(room, 'yielding', LIMITS.claimLeaseMs)
    enter(room, IDLE)
    const ours = entries.slice(0, end < 0 ? entries.length : end).filter((entry) => entry.attempts > 0)
    depart(room, ours, bucket)
  }

  function depart(room: string, picked: readonly Entry[], tokens: TokenBucket): void {
    const entries = picked.slice(0, tokens.take(picked.length))
    if (entries.length === 0) {
      if (picked.length > 0) wait(room, 'pausing', tokens.waitMs())
      return
    }
    const frames = entries.map((entry) =>
      operationFrame(entry, wasOnTheWire(entry) ? entry.attempts + 1 : 1, outbox.get),
    )
    if (!parts.send(frames)) return
    for (const entry of entries) unsent.delete(entry.id)
    const ids = new Set(entries.map((entry) => entry.id))
    enter(room, {
      name: 'inflight',
      ids,
      pauseMs: null,
      cancel: clock.after(LIMITS.ackTimeoutMs, () => {
        parts.onSilence()
        // The same operations go out again: the server answers a repeat as it answered the first.
        resume(room)
      }),
    })
  }

  function wait(room: string, name: 'pausing' | 'yielding', ms: number): void {
    enter(room, { name, cancel: clock.after(ms, () => resume(room)) })
    if (name === 'yielding') parts.onYield()
  }

  function resume(room: string): void {
    enter(room, IDLE)
    wakeRoom(room)
  }

  function answered(id: string, room: string, pauseMs: number | null): void {
    const lane = laneOf(room)
    if (lane.name !== 'inflight' || !lane.ids.delete(id)) return
    if (pauseMs !== null) lane.pauseMs = Math.max(lane.pauseMs ?? 0, pauseMs)
    if (lane.ids.size > 0) return
    if (lane.pauseMs !== null) wait(room, 'pausing', lane.pauseMs)
    else resume(room)
  }

  function giveUp(id: string, failure: Failure): void {
    refusals.forget(id)
    change(id, fail(failure))
    const entry = outbox.get(id)
    if (entry?.state !== 'failed') return
    parts.onFailed(entry)
    // There is no message to show it at, and never will be: what builds on it need not wait.
    if (failure.code === 'not_found' && references.isOutOfSight(entry)) change(id, discard)
  }

  function settle(id: string, acked: Acked): void {
    const entry = outbox.get(id)
    if (!entry) return
    refusals.forget(id)
    unsent.delete(id)
    const first = entry.state !== 'acked'
    const settling = acknowledge(acked, entry.lost)
    // The log mostly says what the acknowledgement has said: then there is nothing to write.
    if (settling(entry) !== entry) outbox.note(id, settling)
    answered(id, entry.room, null)
    const settled = outbox.get(id)
    if (first && settled) parts.onConfirmed(settled)
  }

  function refuse(entry: Entry, frame: ServerFrames['nack']): void {
    const pauseMs = refusals.again(entry.id, frame)
    if (pauseMs === undefined) giveUp(entry.id, poisoned(frame))
    answered(entry.id, entry.room, pauseMs ?? null)
  }

  return {
    open(rate) {
      bucket = createTokenBucket(clock, rate.perSecond, rate.burst)
      wakeAll()
    },
    close() {
      bucket = undefined
      for (const room of [...lanes.keys()]) enter(room, IDLE)
    },
    play(role) {
      claims.play(role)
      for (const [room, lane] of lanes) if (lane.name === 'yielding') enter(room, IDLE)
      if (role !== 'none') wakeAll()
    },
    birth(id) {
      if (!bucket || claims.role === 'none' || claims.role === 'late') return { attempts: 0, at: 0 }
      unsent.add(id)
      return claims.atBirth()
    },
    holds: (entry) => unsent.has(entry.id) && entry.attempts === 1 && claims.isSafe(entry),
    settle,
    yields: () => [...lanes.values()].some((lane) => lane.name === 'yielding'),
    wake: (room) => (room === undefined ? wakeAll() : wakeRoom(room)),
    ack(frame) {
      const entry = outbox.get(frame.id)
      // A message has a place in the log: an answer that names none says nothing, and it is sent again.
      if (entry && (entry.kind !== 'create' || frame.seq !== undefined))
        settle(frame.id, ackedOf(frame, entry, parts.serverNow()))
    },
    nack(frame) {
      const entry = outbox.get(frame.id)
      if (!entry || entry.state === 'acked') return
      const fate = fateOf(frame, entry, references)
      if (fate === 'held' || fate === 'anew') change(entry.id, holdBack)
      if (fate === 'later' || fate === 'anew') return refuse(entry, frame)
      if (fate === 'untold') change(entry.id, park)
      if (fate === 'failed') giveUp(entry.id, failureOf(frame))
      answered(entry.id, entry.room, null)
    },
  }
}
