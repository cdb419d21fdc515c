import type { ClientFrame, RoomRequest, ServerFrames } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Clock } from '../seams/clock.js'
import type { Random } from '../seams/random.js'
import { createCredit } from './credit.js'
import type { Keeper } from './keeper.js'
import { isWithinReach, leadsOn, rangeOfPage, readable } from './page.js'
import { pageRequest } from './page-request.js'
import { createPatience } from './patience.js'
import {
  type Asked,
  isHeard,
  type Phase,
  type Question,
  type Standing,
  statusOf,
  UNASKED,
} from './replica-phase.js'
import { createWaitingRoom, type LiveFrame, type WaitingRoom } from './waiting-room.js'

export interface ReplicaParts {
  readonly room: string
  readonly keeper: Keeper
  readonly clock: Clock
  readonly random: Random
  readonly send: (frame: ClientFrame) => boolean
  /** The server should have answered: the connection should look whether it is alive. */
  readonly onSilence: () => void
  /** The state changed. */
  readonly onChange: () => void
  /** The room follows every message now. */
  readonly onLive: () => void
  /** The server cut the log back to `end`; called when the replica has followed. */
  readonly onReset: (reason: string, end: number) => void
  /** What the server could not give may be asked for again. */
  readonly onAgain: () => void
  /** The server does not let this user in. */
  readonly onRefused: (code: string, final: boolean) => void
  readonly onError: (error: TidingsError) => void
  /** Whether every message is wanted in order, so that nothing may be jumped over. */
  readonly wantsAll: () => boolean
  /** Asks for the right to page: one room at a time. `onTurn` is called once, perhaps at once. Returns its release. */
  readonly takeTurn: (onTurn: () => void) => () => void
}

/** A room's side of the wire. */
export interface Replica {
  readonly room: string
  status(): Standing
  /** Whether the server was not asked on this connection. */
  isOff(): boolean
  /** What hello or subscribe asks for; the caller sends it at once. Undefined while the disk is being read, or when refused for good. */
  request(pages: number): RoomRequest | undefined
  /** Whether anything may be sent: the server was heard, and it did not lose what should come first. */
  maySend(): boolean
  /** Whether a lost acknowledgement would have been seen by now. */
  mayResend(): boolean
  /** Server positions this replica still lacks; null when not known. */
  remaining(): number | null
  down(): void
  subscribed(frame: ServerFrames['subscribed']): void
  unsubscribed(frame: ServerFrames['unsubscribed']): void
  /** A live frame: an event, or positions that this user may not see. */
  live(frame: LiveFrame): void
  page(frame: ServerFrames['sync_response']): void
  /** More of what came is written. */
  written(): void
  reset(frame: ServerFrames['reset']): void
  /** A frame of this room could not be read: there is a hole now. */
  missed(): void
  /** Forgets a refusal for good, so that the server is asked anew. */
  reopen(): void
}

export function createReplica(parts: ReplicaParts): Replica {
  const { room, keeper, clock } = parts
  let phase: Phase = { name: 'off' }
  /** The largest head heard on this connection; and the one when it subscribed: a page up to there may hold a lost acknowledgement. */
  let [head, resendFrom] = [0, Number.POSITIVE_INFINITY]
  const patience = createPatience(parts)

  function enter(next: Phase): void {
    const last = phase
    if ('cancel' in last) last.cancel?.()
    const kept = next.name === 'paging' && 'release' in last && next.release === last.release
    if ('release' in last && !kept) last.release()
    phase = next
    parts.onChange()
  }

  /** Waits for a turn, then pages from where the replica stands. */
  function queue({ pushed, from }: Asked): void {
    const waiting = 'waiting' in phase ? phase.waiting : createWaitingRoom()
    let queued: (Phase & { name: 'queued' }) | undefined
    let granted = false
    const release = parts.takeTurn(() => {
      granted = true
      if (queued && phase === queued) begin(queued)
    })
    queued = { name: 'queued', waiting, pushed, from, release }
    enter(queued)
    if (granted) begin(queued)
  }

  function begin({ waiting, release, pushed, from }: Phase & { name: 'queued' }): void {
    const jump = head - (keeper.ahead()?.seq ?? 0) > LIMITS.jumpAfter && !parts.wantsAll()
    const shared = { waiting, release, credit: createCredit(LIMITS.creditPages), stuck: 0, reason: '' }
    const question: Question = { request: room, want: 'forward', from, ...shared }
    if (pushed && !jump) expect(question)
    else ask({ ...question, want: jump ? 'newest' : 'forward' })
  }

  function ask(question: Omit<Question, 'credit'>): void {
    const request = parts.random.id()
    const from = keeper.ahead()?.cursor
    expect({ ...question, request, from, credit: createCredit(LIMITS.creditPages) })
    parts.send({ type: 'sync_request', id: request, room, ...pageRequest(question.want, from, keeper.edges) })
  }

  /** Waits for pages, and asks again when none comes that may. */
  function expect(question: Question): void {
    const askAnew = () => {
      parts.onSilence()
      ask(question)
    }
    const cancel = question.credit.isLeft() ? clock.after(LIMITS.pageTimeoutMs, askAnew) : undefined
    enter({ name: 'paging', ...question, cancel })
  }

  function goLive(waiting: WaitingRoom): void {
    const overflowed = waiting.overflowed()
    enter({ name: 'live', from: keeper.ahead()?.seq ?? 0 })
    for (const frame of waiting.take()) arrive(frame)
    if (overflowed && phase.name === 'live') queue(UNASKED)
    if (phase.name === 'live') parts.onLive()
  }

  /** A live frame: it waits, it follows, it is known already, or something is missing. */
  function arrive(frame: LiveFrame): void {
    head = Math.max(head, frame.seq)
    if ('waiting' in phase) return phase.waiting.add(frame)
    if (phase.name !== 'live') return undefined
    const position = keeper.ahead()
    if (position && frame.seq <= position.seq) return undefined
    if (position?.cursor !== frame.prev || !isWithinReach({ after: position.seq, upTo: frame.seq }, 1))
      return missed(frame)
    const entries = frame.type === 'event' ? readable(room, [frame], parts.onError) : []
    return keeper.follow(entries, { seq: frame.seq, cursor: frame.cursor })
  }

  /** Something lies between the replica and the server's head: page on, and keep what came early. */
  function missed(early?: LiveFrame): void {
    const waiting = createWaitingRoom()
    if (early) waiting.add(early)
    enter({ name: 'asked', waiting, ...UNASKED })
    queue(UNASKED)
  }

  function forwardPage(paging: Phase & { name: 'paging' }, frame: ServerFrames['sync_response']): void {
    const position = keeper.ahead()
    if (frame.prev !== (position?.cursor ?? null)) {
      // What the page follows was dropped while it was on its way.
      if (!position && paging.from !== undefined) return ask(paging)
      // The answer to an older question, or one before it was lost: of two pages from the start of the log, the second begins nothing.
      return undefined
    }
    if (frame.cursor === null || !leadsOn(frame, position)) return ledNowhere(paging)
    keeper.follow(readable(room, frame.messages, parts.onError), { seq: frame.seq, cursor: frame.cursor })
    if (!frame.hasMore) return goLive(paging.waiting)
    paging.credit.came(frame.seq)
    return expect({ ...paging, from: frame.cursor, stuck: 0 })
  }

  /** A page that brings nothing and says that there is more may be chance a few times; then the room stops and says so. */
  function ledNowhere(paging: Phase & { name: 'paging' }): void {
    if (paging.stuck + 1 < LIMITS.stuckPages) return ask({ ...paging, stuck: paging.stuck + 1 })
    const message =
      'The pages of the server lead nowhere. What is here stays; the room is tried again at the next connection.'
    const error = new TidingsError('sync_stuck', message, { room })
    parts.onError(error)
    return enter({ name: 'refused', error, final: false, cancel: undefined })
  }

  function newestPage(paging: Phase & { name: 'paging' }, frame: ServerFrames['sync_response']): void {
    if (frame.cursor === null) return ledNowhere(paging)
    const range = rangeOfPage(frame, { seq: frame.seq, cursor: frame.cursor })
    if (!isWithinReach(range, frame.messages.length)) return ledNowhere(paging)
    const entries = readable(room, frame.messages, parts.onError)
    void keeper.insert({ range, entries, head: frame.head }).then((taken) => {
      if (phase !== paging) return
      if (taken) goLive(paging.waiting)
      else ask(paging)
    }, notStored)
    return undefined
  }

  function recognised(paging: Phase & { name: 'paging' }, frame: ServerFrames['sync_response']): void {
    const edge = keeper.edges().find((known) => known.cursor === frame.prev) ?? null
    void keeper.cut(edge).then(() => {
      parts.onReset(paging.reason, edge?.seq ?? 0)
      if (phase === paging) ask({ ...paging, want: 'forward', stuck: 0 })
    }, notStored)
  }

  function again(): void {
    enter({ name: 'off' })
    parts.onAgain()
  }

  const notStored = (cause: unknown): void => {
    const message = 'The device could not store a page. It is asked for again.'
    parts.onError(new TidingsError('storage', message, { cause, room }))
  }

  return {
    room,
    status: () => statusOf(phase, keeper.isLoaded(), keeper.window.position()?.seq ?? 0),
    isOff: () => phase.name === 'off',
    request(pages) {
      if (!keeper.isLoaded() || (phase.name === 'refused' && phase.final)) return undefined
      head = 0
      resendFrom = Number.POSITIVE_INFINITY
      const cursor = keeper.ahead()?.cursor
      const pushed = cursor !== undefined && pages > 0
      // Asked again when no answer comes, on a connection that lives.
      const cancel = clock.after(LIMITS.pageTimeoutMs, () => {
        parts.onSilence()
        again()
      })
      enter({ name: 'asked', waiting: createWaitingRoom(), pushed, from: cursor, cancel })
      return { room, ...(cursor !== undefined && { cursor }), ...(pushed && { pages }) }
    },
    maySend: () => isHeard(phase),
    mayResend: () =>
      (phase.name === 'live' || phase.name === 'paging') &&
      (keeper.window.position()?.seq ?? -1) >= resendFrom,
    remaining: () =>
      phase.name === 'off' || phase.name === 'refused'
        ? null
        : Math.max(0, head - (keeper.ahead()?.seq ?? 0)),
    down() {
      if (phase.name !== 'refused' || !phase.final) enter({ name: 'off' })
    },
    subscribed(frame) {
      if (phase.name !== 'asked') return
      patience.rewarded()
      head = Math.max(head, frame.head)
      resendFrom = frame.head
      if (keeper.ahead()?.cursor === frame.cursor) goLive(phase.waiting)
      else queue(phase)
    },
    unsubscribed(frame) {
      const message = frame.retryable
        ? 'The server does not serve this room now. It is asked again soon.'
        : 'The server does not let this user into the room. What was written and not sent is kept as failed.'
      const error = new TidingsError('room_refused', message, { room, serverCode: frame.code })
      if (frame.retryable) enter({ name: 'refused', error, final: false, cancel: patience.wait(again) })
      else enter({ name: 'refused', error, final: true })
      parts.onRefused(frame.code, !frame.retryable)
    },
    live: arrive,
    page(frame) {
      if (phase.name !== 'paging' || (frame.id !== phase.request && frame.id !== room)) return
      head = Math.max(head, frame.head)
      if (phase.want === 'forward') forwardPage(phase, frame)
      else if (frame.id !== phase.request) return
      else if (phase.want === 'newest') newestPage(phase, frame)
      else recognised(phase, frame)
    },
    written() {
      if (phase.name !== 'paging') return
      const pages = phase.credit.written(keeper.window.position()?.seq ?? 0)
      if (pages === 0) return
      parts.send({ type: 'sync_credit', id: phase.request, pages })
      if (!phase.cancel) expect(phase)
    },
    reset(frame) {
      if (phase.name === 'off' || phase.name === 'refused') return
      head = frame.head
      resendFrom = frame.head
      const release = 'release' in phase ? phase.release : parts.takeTurn(() => undefined)
      const shared = {
        request: room,
        waiting: createWaitingRoom(),
        release,
        stuck: 0,
        credit: createCredit(0),
      }
      ask({ ...shared, want: 'recognised', from: undefined, reason: frame.reason })
    },
    missed() {
      if (phase.name === 'live') missed()
      else if ('waiting' in phase) phase.waiting.lose()
    },
    reopen() {
      if (phase.name === 'refused' && phase.final) enter({ name: 'off' })
    },
  }
}
