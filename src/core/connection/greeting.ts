import type { RefusedFrame, ServerFrame, ServerFrames } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import { slotMs } from './backoff.js'
import { type End, refusal } from './verdict.js'

/** The server let us in; `rest` are the frames that came behind it in the same text. */
export interface Welcome {
  readonly kind: 'welcome'
  readonly welcome: ServerFrames['welcome']
  readonly rest: readonly ServerFrame[]
}

/** Before welcome nothing is read but what decides whether there will be one. Undefined when nothing was decided. */
export function readGreeting(
  frames: readonly ServerFrame[],
  refused: readonly RefusedFrame[],
  user: string,
): Welcome | End | undefined {
  for (const [at, frame] of frames.entries()) {
    if (frame.type === 'welcome')
      return frame.user === user
        ? { kind: 'welcome', welcome: frame, rest: frames.slice(at + 1) }
        : { kind: 'final', error: wrongUser() }
    // A full server answers hello with a slot.
    if (frame.type === 'goaway') return { kind: 'slot', leftMs: slotMs(frame.retryAfter) }
    if (frame.type === 'error') {
      if (frame.code === 'unauthorised') return { kind: 'refused-token' }
      if (!frame.retryable) return { kind: 'final', error: refusal(frame.code) }
    }
  }
  const bad = refused.find(({ fault }) => fault !== 'unknown_type')
  return bad && { kind: 'again', reason: 'bad frame', error: badGreeting(bad) }
}

const wrongUser = (): TidingsError =>
  new TidingsError(
    'wrong_user',
    'The server knows this connection as somebody else. Nothing was sent or read. Check whose token it is.',
  )

const badGreeting = ({ fault, type = 'frame', path }: RefusedFrame): TidingsError =>
  new TidingsError(
    'bad_frame',
    `The greeting of the server cannot be read (${fault}: ${type}${path ? `, ${path}` : ''}). It is tried again.`,
  )
