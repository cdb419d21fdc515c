/** What a server did wrong, as a sentence. Anything else that is thrown is a fault of the kit. */
export class Failed extends Error {
  override readonly name = 'Failed'
}

/** A value as it stands in a sentence: keys in order, so that equal values print alike. */
export const show = (value: unknown): string => {
  const sorted = (_: string, each: unknown): unknown =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each
  const text = JSON.stringify(value, sorted)
  if (text === undefined) return 'nothing'
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}

/** Fails with a sentence unless the condition holds. */
export function must(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Failed(otherwise)
}

/** Fails unless two JSON values are equal. */
export function same(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)]
  if (left !== right && show(found) !== show(expected))
    throw new Failed(`${what} is ${show(found)}, not ${show(expected)}`)
}
