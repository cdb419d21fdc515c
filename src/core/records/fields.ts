/** A field of the record itself; what objects inherit is nobody's. */
const own = (record: object | null, field: string): unknown =>
  record !== null && Object.hasOwn(record, field) ? Reflect.get(record, field) : undefined

/** Whether two values say the same, as plain data. */
export function alike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b))
    return false
  const fields = Object.keys(a)
  // Dates, maps and the like show no fields: only plain data can be compared.
  if (fields.length === 0 && !isPlain(a)) return false
  return (
    fields.length === Object.keys(b).length &&
    fields.every((field) => Object.hasOwn(b, field) && alike(own(a, field), own(b, field)))
  )
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}

/**
 * A record with some fields replaced; the record itself when that changes nothing. Spreading defines fields, it never assigns: one
 * called `__proto__` is a field like others.
 */
export const overlaid = <T extends object>(record: T, fields: Partial<T>): T =>
  Object.keys(fields).every(
    (field) => Object.hasOwn(record, field) && alike(own(record, field), own(fields, field)),
  )
    ? record
    : { ...record, ...fields }

/**
 * What a record is after an answer to a change: the answer, but for fields that became something else since the change left (`base`, null
 * if there was no record). Those are newer than the answer, or came from elsewhere and are known to be there.
 */
export function mergedSince<T extends object>(base: T | null, current: T, answer: T): T {
  const merged = { ...answer }
  for (const field of Object.keys({ ...base, ...current })) {
    if (alike(own(base, field), own(current, field))) continue
    if (Object.hasOwn(current, field))
      Object.defineProperty(merged, field, {
        value: own(current, field),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    else Reflect.deleteProperty(merged, field)
  }
  return alike(merged, current) ? current : merged
}
