/** What JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Whether a value is JSON and nests at most `levels` deep: no dates, maps, functions, NaN or infinities, which JSON.stringify would
 * change without a word. A field that is `undefined` counts as absent. Stops at the bound, so a cycle is refused too.
 */
export function isJson(value: unknown, levels: number): value is Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  if (levels === 0) return false
  // Spread, so that a hole in a list is seen: it would become null.
  if (Array.isArray(value)) return [...value].every((inner: unknown) => isJson(inner, levels - 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).every((inner) => inner === undefined || isJson(inner, levels - 1))
}

/** Bytes of a text in UTF-8, counted without an encoder, which not every platform has. */
export function utf8Bytes(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      bytes += 4
      i++
    } else bytes += 3
  }
  return bytes
}
