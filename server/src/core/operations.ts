import { type ClientFrames, NACK_CODES, type NackCode, utf8Bytes, WIRE } from 'tidings/protocol'
import { createBucket } from './bucket.js'
import type { ServerLimits } from './limits.js'
import type { Peer } from './peer.js'
import type { Quotas } from './quotas.js'
import type { Authorize, Clock, Done, Log, Operation, Outcome, Permit, Refused, Verb } from './seams.js'
import { allOf, whenSettled } from './settled.js'

export type OperationFrame = ClientFrames['message'] | ClientFrames['message_update']

/** What the host thinks of an operation's content: nothing, or why it is not taken. A throw means that it cannot be taken now. */
export type Screen = (
  operation: Operation,
) => { readonly code: NackCode; readonly message: string; readonly retryAfter?: number } | undefined

/** The durable operations of one connection. */
export interface Operations {
  /** The operations of one text, in order. Those of one room run in order; after a retryable refusal the rest of that room waits. */
  submit(frames: readonly OperationFrame[]): void
  /** Calls back once nothing is in flight. */
  whenIdle(fn: () => void): void
  /** From now on everything is refused, to be sent again after this many ms. */
  pause(retryAfter: number): void
  /** Refused for lack of tokens since the bucket was last full. */
  readonly refused: number
}

interface Refusal {
  readonly code: NackCode
  readonly message: string
  readonly retryAfter?: number
}
/** An operation on its way through the checks, or what came of it. */
interface Step {
  readonly frame: OperationFrame
  readonly operation: Operation
  readonly refusal?: Refusal
  readonly outcome?: Outcome
}

const stepOf = (frame: OperationFrame, operation: Operation, refusal: Refusal | undefined): Step =>
  refusal ? { frame, operation, refusal } : { frame, operation }

const NOT_READY: Refusal = {
  code: 'not_ready',
  message: 'An earlier operation of this room has to go first.',
}
const UNAVAILABLE: Refusal = {
  code: 'unavailable',
  message: 'The log cannot take it now.',
  retryAfter: 1_000,
}
const CROWDED: Refusal = {
  code: 'rate_limited',
  message: 'Too many operations wait for their commit.',
  retryAfter: 100,
}
const PERMIT_MESSAGES: Readonly<Record<Exclude<Permit, 'allow'>, string>> = {
  forbidden: 'This user may not do that here.',
  not_member: 'This user is not a member of the room.',
  not_found: 'There is no such room.',
  room_gone: 'The room is gone.',
  unavailable: 'Rights cannot be checked now.',
}

// Messages are most of what comes: for them nothing is copied.
function operationOf(frame: OperationFrame, author: string): Operation {
  const { room, id, stamp, body } = frame
  if (frame.type === 'message') {
    const { replyTo } = frame
    const operation = { room, author, id, kind: 'create' as const, stamp, body: JSON.stringify(frame.body) }
    return replyTo === undefined ? operation : { ...operation, replyTo }
  }
  const { op, messageId, baseVersion } = frame
  return {
    room,
    author,
    id,
    stamp,
    kind: op,
    messageId,
    ...(op !== 'delete' && body !== undefined && { body: JSON.stringify(body) }),
    ...(baseVersion !== undefined && { baseVersion }),
  }
}

/** What a frame's shape cannot tell: sizes, and what each kind of update has to bring. */
function flaw(frame: OperationFrame, { body }: Operation): Refusal | undefined {
  if (body !== undefined && body.length * 3 > WIRE.bodyBytes && utf8Bytes(body) > WIRE.bodyBytes)
    return { code: 'too_large', message: `A body is at most ${WIRE.bodyBytes} bytes.` }
  if (frame.type === 'message' || frame.op === 'delete') return undefined
  if (frame.op === 'edit')
    return body === undefined ? { code: 'invalid', message: 'An edit brings a body.' } : undefined
  const emoji = frame.body
  const isShort = typeof emoji === 'string' && emoji.length > 0 && emoji.length <= WIRE.reactionChars
  return isShort ? undefined : { code: 'invalid', message: 'The body of a reaction is a short text.' }
}

const verbsOf = (frame: OperationFrame): readonly Verb[] => {
  if (frame.type === 'message') return ['write']
  return frame.op === 'edit' || frame.op === 'delete' ? ['change', 'moderate'] : ['react']
}

/** Refuses what follows a retryable refusal in its room, so that the author's order is kept. */
function inOrder(steps: readonly Step[]): readonly Step[] {
  const blocked = new Set<string>()
  return steps.map((step) => {
    const { room } = step.frame
    if (blocked.has(room)) return { ...step, refusal: NOT_READY }
    if (step.refusal && NACK_CODES[step.refusal.code].retryable) blocked.add(room)
    return step
  })
}

export function createOperations(options: {
  readonly peer: Peer
  readonly log: Log
  readonly clock: Pick<Clock, 'now'>
  readonly limits: ServerLimits
  readonly quotas: Quotas
  readonly authorize: Authorize
  readonly screen: Screen | undefined
}): Operations {
  const { peer, log, clock, limits, quotas, authorize, screen } = options
  const bucket = limits.rate && createBucket(limits.rate, clock)
  // While rights are being looked up, later texts wait their turn.
  const turns: (readonly OperationFrame[])[] = []
  let checking = false
  let inFlight = 0
  let pausedFor: number | undefined
  /** When it was said that the user has used up more than there is over all connections, and for how long. */
  let overdrawn = { at: 0, ms: 0 }
  const idle: (() => void)[] = []

  const overdrawnMs = (): number => {
    const now = clock.now()
    // The wall clock may go back: then it is counted anew, instead of until the clock has caught up.
    overdrawn = { at: Math.min(overdrawn.at, now), ms: overdrawn.ms }
    return overdrawn.at + overdrawn.ms - now
  }
  const rationed = (): Refusal | undefined => {
    if (pausedFor !== undefined) return { ...UNAVAILABLE, retryAfter: pausedFor }
    const retryAfter = Math.max(overdrawnMs(), bucket ? bucket.take() : 0)
    return retryAfter > 0 ? { code: 'rate_limited', message: 'Too many operations.', retryAfter } : undefined
  }

  /** Counted while the operations go in: what is too much is refused from the next ones on, and nothing waits for the count. */
  const spend = (count: number) => {
    if (count > 0)
      whenSettled(
        () => quotas.use('operations', peer.user, count),
        (retryAfter) => {
          if (retryAfter > 0) overdrawn = { at: clock.now(), ms: retryAfter }
        },
        () => undefined,
      )
  }

  const checked = (frames: readonly OperationFrame[]): readonly Step[] => {
    return frames.map((frame) => {
      const operation = operationOf(frame, peer.user)
      return stepOf(frame, operation, flaw(frame, operation) ?? rationed())
    })
  }

  const screened = (operation: Operation): Refusal | undefined => {
    try {
      return screen?.(operation)
    } catch {
      return UNAVAILABLE
    }
  }
  const permitted = (step: Step, permits: readonly Permit[]): Step => {
    const [permit = 'forbidden', moderate] = permits
    const { frame } = step
    const mayModerate = moderate === 'allow'
    if (permit !== 'allow' && !mayModerate)
      return { ...step, refusal: { code: permit, message: PERMIT_MESSAGES[permit] } }
    const operation = mayModerate ? { ...step.operation, moderates: true } : step.operation
    return stepOf(frame, operation, screened(operation))
  }
  const ask = ({ frame, refusal }: Step): readonly Permit[] | Promise<readonly Permit[]> => {
    const { user, rights } = peer
    const { room } = frame
    if (refusal) return []
    return allOf(verbsOf(frame).map((verb) => authorize({ user, verb, room, rights })))
  }

  const submitNext = () => {
    const frames = checking ? undefined : turns.shift()
    if (!frames) return
    checking = true
    const steps = checked(frames)
    const go = (permits: readonly (readonly Permit[])[] | undefined) => {
      const asked = steps.map((step, i) => {
        if (step.refusal) return step
        return permits ? permitted(step, permits[i] ?? []) : { ...step, refusal: UNAVAILABLE }
      })
      append(inOrder(asked))
      checking = false
      submitNext()
    }
    whenSettled(
      () => allOf(steps.map(ask)),
      go,
      () => go(undefined),
    )
  }

  const append = (steps: readonly Step[]) => {
    const taken = steps.filter(({ refusal }) => !refusal)
    spend(taken.length)
    const finish = (outcomes: readonly Outcome[] | undefined) => {
      let next = 0
      const final = steps.map((step): Step => {
        if (step.refusal) return step
        const outcome = outcomes?.[next++]
        return outcome ? { ...step, outcome } : { ...step, refusal: UNAVAILABLE }
      })
      for (const step of inOrder(final)) answer(step)
      inFlight -= steps.length
      if (inFlight === 0) for (const fn of idle.splice(0)) fn()
    }
    if (taken.length === 0) finish([])
    else log.append(taken.map(({ operation }) => operation)).then(finish, () => finish(undefined))
  }

  const answer = ({ frame, refusal, outcome }: Step) => {
    if (refusal) nack(peer, frame.id, refusal)
    else if (outcome?.done) ack(peer, frame, outcome)
    else if (outcome) nack(peer, frame.id, outcome)
  }

  return {
    submit(frames) {
      if (inFlight + frames.length > limits.operationsInFlight) {
        const steps = frames.map((frame) => ({
          frame,
          operation: operationOf(frame, peer.user),
          refusal: CROWDED,
        }))
        for (const step of inOrder(steps)) answer(step)
        return
      }
      inFlight += frames.length
      turns.push(frames)
      submitNext()
    },
    whenIdle(fn) {
      if (inFlight === 0) fn()
      else idle.push(fn)
    },
    pause(retryAfter) {
      pausedFor = retryAfter
    },
    get refused() {
      return bucket ? bucket.refused : 0
    },
  }
}

/** Printed by hand, as every ack is alike. */
function ack(peer: Peer, { id, room }: OperationFrame, outcome: Done): void {
  const { messageId, seq, stamp, ts, version, dup, applied } = outcome
  const names = `"id":${JSON.stringify(id)},"room":${JSON.stringify(room)},"messageId":"${messageId}"`
  let text = `{"type":"ack",${names},"stamp":"${stamp}","ts":${ts}`
  if (seq !== undefined) text += `,"seq":${seq}`
  if (version !== undefined) text += `,"version":${version}`
  if (dup) text += ',"dup":true'
  if (!applied) text += ',"applied":false'
  peer.sendText({ type: 'ack', id, room }, `${text}}`)
}

/** Refuses an operation. `currentValue` is stored text and is spliced in. */
export function nack(peer: Peer, id: string, refusal: Refusal | Refused): void {
  const { code, message } = refusal
  const frame = {
    type: 'nack',
    id,
    code,
    message,
    retryable: NACK_CODES[code].retryable,
    ...('retryAfter' in refusal && refusal.retryAfter !== undefined && { retryAfter: refusal.retryAfter }),
    ...('currentVersion' in refusal && { currentVersion: refusal.currentVersion }),
  }
  const text = JSON.stringify(frame)
  const value = 'currentValue' in refusal ? refusal.currentValue : undefined
  peer.sendText(
    { type: 'nack', id },
    value === undefined ? text : `${text.slice(0, -1)},"currentValue":${value}}`,
  )
}
