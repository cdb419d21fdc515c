import { type Kill, promiseOf } from './kills.js'
import { MINUTES, type Storm } from './storm.js'
import { trial, type Verdict } from './trial.js'

/** What a search came to. */
export type Found =
  | { readonly is: 'killed'; readonly kill: Kill }
  | { readonly is: 'survived'; readonly seeds: number }
  /** It does not work without faults either, so that it says nothing about them. */
  | { readonly is: 'no mutant'; readonly says: string }

/** Storms that are remembered for a mutant. */
const KEPT = 2
const SAYING = 160

/** Each seed from the shortest time to the longest: what is found first is the shortest of its seed. */
const stormsFrom = (first: number, last: number): readonly Storm[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i).flatMap((seed) =>
    MINUTES.map((minutes) => ({ seed, minutes })),
  )

/**
 * Looks for storms that break a promise, from the first seed to the last. What the code as it is `shipped` does not survive says nothing
 * about a defect.
 */
export async function search(code: string, shipped: string, seeds: number): Promise<Found> {
  const kills: NonNullable<Verdict['kill']>[] = []
  for (let from = 1; from <= seeds && kills.length < KEPT; ) {
    const { calm, kill } = await trial(code, stormsFrom(from, seeds))
    if (calm !== undefined) return { is: 'no mutant', says: calm }
    if (!kill) break
    if (!(await trial(shipped, [kill.storm])).kill) kills.push(kill)
    from = kill.storm.seed + 1
  }
  // The quickest first.
  const kept = kills.sort((a, b) => a.storm.minutes - b.storm.minutes || a.storm.seed - b.storm.seed)
  const [best] = kept
  if (!best) return { is: 'survived', seeds }
  const storms = kept.map(({ storm }) => storm)
  return { is: 'killed', kill: { promise: promiseOf(best.says), says: firstLine(best.says), storms } }
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, SAYING)
