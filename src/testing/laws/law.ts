/** One rule of a seam, checked on one adapter. Any test runner can run it: it resolves where the rule holds and rejects where not. */
export interface Law<Setup> {
  /** The rule as a sentence. */
  readonly name: string
  readonly run: (setup: Setup) => Promise<void>
}

/** What a law rejects with: the sentence says what was seen and what was due. */
export class LawBroken extends Error {
  override readonly name = 'LawBroken'
}

/** Lets a little time pass: real time for a real adapter, virtual time for one on a timeline. */
export type Pause = () => Promise<void>

/** Pauses before something that should have happened counts as missing. */
const PATIENCE = 2_000

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Whether two values of JSON, `undefined` included, are alike in depth. */
function alike(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return false
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && alike(Reflect.get(one, key), Reflect.get(other, key)))
  )
}

function show(value: unknown): string {
  const text = value === undefined ? 'undefined' : (JSON.stringify(value) ?? String(value))
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

/** Breaks the law unless the condition holds. */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new LawBroken(what)
}

/** Breaks the law unless both are alike in depth. */
export function equal(seen: unknown, due: unknown, what: string): void {
  holds(alike(seen, due), `${what}: saw ${show(seen)}, due was ${show(due)}`)
}

/** What a promise rejects with; breaks the law when it resolves. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<unknown> {
  const outcome = await promise.then(
    () => undefined,
    (reason: unknown) => ({ reason }),
  )
  holds(outcome !== undefined, `${what}: resolved, should have been rejected`)
  return outcome.reason
}

/** Pauses until the condition holds; breaks the law when it never does. */
export async function eventually(pause: Pause, condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < PATIENCE && !condition(); i++) await pause()
  holds(condition(), `${what}: never happened`)
}
