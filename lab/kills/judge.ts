import type { Shown } from './words.js'

/**
 * Where the messages were that a browser had called queued when it was killed: all on the device alone; all on the server alone; some on
 * both, because the answer was lost or not yet written; or some here and some there. `none`: it had called none queued.
 */
export const STAGES = ['device', 'both', 'server', 'between', 'none'] as const
export type Stage = (typeof STAGES)[number]

/** Numbers of messages. */
export interface Places {
  /** What the page had called queued. */
  readonly queued: readonly number[]
  /** What the server's file holds. */
  readonly file: readonly number[]
  /** What waits in the outbox. */
  readonly waiting: readonly number[]
}

export function stageOf({ queued, file, waiting }: Places): Stage {
  if (queued.length === 0) return 'none'
  const onServer = queued.filter((n) => file.includes(n))
  const onDevice = queued.filter((n) => waiting.includes(n))
  if (onServer.some((n) => onDevice.includes(n))) return 'both'
  if (onServer.length === 0) return 'device'
  return onDevice.length === 0 ? 'server' : 'between'
}

/** What is in neither place. */
export const lostOf = ({ queued, file, waiting }: Places): readonly number[] =>
  queued.filter((n) => !file.includes(n) && !waiting.includes(n))

/** Everything that is wrong, as numbers of messages. */
export interface Verdict {
  /** Called queued and not in the file; or in the file and not shown. */
  readonly lost: readonly number[]
  /** Twice in the file or in the list, or in the list and not in the file. */
  readonly doubled: readonly number[]
  /** Shown below one that was written after it. */
  readonly disordered: readonly number[]
  /** Shown otherwise than as confirmed. */
  readonly unconfirmed: readonly number[]
}

const beyondFirst = (numbers: readonly number[]): readonly number[] =>
  numbers.filter((n, at) => numbers.indexOf(n) < at)

/** Judges a page that has said and heard everything. */
export function verdictOf(
  queued: readonly number[],
  file: readonly number[],
  shown: readonly Shown[],
): Verdict {
  const list = shown.map(({ n }) => n)
  return {
    lost: [...queued.filter((n) => !file.includes(n)), ...file.filter((n) => !list.includes(n))],
    doubled: [...beyondFirst(file), ...beyondFirst(list), ...list.filter((n) => !file.includes(n))],
    disordered: list.filter((n, at) => at > 0 && n < (list[at - 1] ?? n)),
    unconfirmed: shown.flatMap(({ n, status }) => (status === 'confirmed' ? [] : [n])),
  }
}

export const CLEAN: Verdict = { lost: [], doubled: [], disordered: [], unconfirmed: [] }

const union = (a: readonly number[], b: readonly number[]): readonly number[] => [...new Set([...a, ...b])]

export const add = (a: Verdict, b: Verdict): Verdict => ({
  lost: union(a.lost, b.lost),
  doubled: union(a.doubled, b.doubled),
  disordered: union(a.disordered, b.disordered),
  unconfirmed: union(a.unconfirmed, b.unconfirmed),
})

export const isClean = ({ lost, doubled, disordered, unconfirmed }: Verdict): boolean =>
  [lost, doubled, disordered, unconfirmed].every((numbers) => numbers.length === 0)
