import type { Random } from '../core/seams/random.js'
import type { Pipe } from './network-pipe.js'

/**
 * What a link does to texts besides being slow: shares between 0 and 1 of those that are sent from now on. Each breaks the law of
 * transports, as a proxy or a broken stack may; a WebSocket over TCP does none of it.
 */
export interface Noise {
  /** Never arrive. */
  readonly lost?: number
  /** Arrive twice, the second time up to five latencies later. */
  readonly doubled?: number
  /** Overtaken by what is sent after them: they take up to five latencies more, and order is not kept. */
  readonly overtaken?: number
  /** Arrive without their end. */
  readonly cut?: number
}

/** Sends a text through a pipe, or what the noise makes of it. */
export type Carry = (text: string, bytes: number, deliver: (text: string) => void) => void

/** How many latencies more a text takes that is overtaken, at most. */
const BEHIND = 5

/** Refuses what cannot be decided: shares other than 0 and 1 need chance. */
export function checkNoise(noise: Noise, random: Random | undefined): void {
  for (const [kind, share] of Object.entries(noise)) {
    if (!(share >= 0 && share <= 1)) throw new Error(`${kind} is a share between 0 and 1, not ${share}`)
    if (random === undefined && share > 0 && share < 1)
      throw new Error(
        `a network without random cannot decide for a share of ${share}: give it one, or 0 or 1`,
      )
  }
}

/** Texts go through `pipe` under whatever noise there is at the moment; `latencyMs` is asked for each way round. */
export function createCarry(
  pipe: Pipe,
  noises: () => Iterable<Noise>,
  random: Random | undefined,
  latencyMs: () => number,
): Carry {
  // Without chance only shares of 0 and 1 are possible, and how much is always the middle.
  const next = () => random?.next() ?? 0.5
  const strikes = (kind: keyof Noise): boolean => {
    for (const noise of noises()) {
      const share = noise[kind] ?? 0
      if (share >= 1 || (share > 0 && next() < share)) return true
    }
    return false
  }
  return (text, bytes, deliver) => {
    if (strikes('lost')) return
    const heard = strikes('cut') ? text.slice(0, Math.floor(next() * text.length)) : text
    const late = () => pipe.stray(latencyMs() * (1 + next() * (BEHIND - 1)), () => deliver(heard))
    if (strikes('doubled')) late()
    if (strikes('overtaken')) late()
    else pipe.push(bytes, () => deliver(heard))
  }
}
