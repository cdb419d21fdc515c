import { isJson, type Json } from './json.js'

/**
 * Shapes describe JSON values as plain data. One interpreter checks them, TypeScript infers their types, and the published
 * JSON Schema is printed from them, so the three cannot disagree.
 */
export type ShapeRule =
  | { readonly kind: 'string'; readonly min: number; readonly max: number; readonly pattern?: RegExp }
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly whole: boolean }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'oneOf'; readonly values: readonly string[] }
  | { readonly kind: 'json'; readonly depth: number }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [string, AnyShape])[] }
  | {
      readonly kind: 'array'
      readonly of: AnyShape
      readonly max: number
      readonly replace?: (bad: unknown) => unknown
    }
  | { readonly kind: 'record'; readonly key: AnyShape; readonly of: AnyShape }
  | { readonly kind: 'nullable'; readonly of: AnyShape }

/** A rule and, for the compiler only, the type of what passes it. */
export interface Shape<T> {
  readonly rule: ShapeRule
  readonly optional?: true
  /** Never present: carries the type. */
  readonly passes?: T
}
export type AnyShape = Shape<unknown>
/** A field that may be absent. */
export interface OptionalShape<T> extends Shape<T> {
  readonly optional: true
}

/** The type of the values that a shape lets pass. */
export type Infer<S> = S extends Shape<infer T> ? T : never

type Fields = Readonly<Record<string, AnyShape>>
type Flat<T> = { [K in keyof T]: T[K] }
type ObjectOf<F extends Fields> = Flat<
  { readonly [K in keyof F as F[K] extends OptionalShape<unknown> ? never : K]: Infer<F[K]> } & {
    readonly [K in keyof F as F[K] extends OptionalShape<unknown> ? K : never]?: Infer<F[K]>
  }
>

export const string = (min: number, max: number, pattern?: RegExp): Shape<string> => ({
  rule: { kind: 'string', min, max, ...(pattern && { pattern }) },
})
export const whole = (min = 0, max: number = Number.MAX_SAFE_INTEGER): Shape<number> => ({
  rule: { kind: 'number', min, max, whole: true },
})
export const positive: Shape<number> = {
  rule: { kind: 'number', min: 0, max: Number.MAX_VALUE, whole: false },
}
export const boolean: Shape<boolean> = { rule: { kind: 'boolean' } }
export const oneOf = <const T extends string>(...values: readonly T[]): Shape<T> => ({
  rule: { kind: 'oneOf', values },
})
export const json = (depth: number): Shape<Json> => ({ rule: { kind: 'json', depth } })
export const object = <const F extends Fields>(fields: F): Shape<ObjectOf<F>> & { readonly fields: F } => ({
  rule: { kind: 'object', fields: Object.entries(fields) },
  fields,
})
/** `replace` puts something else in the place of an element that does not fit, so that it never costs its neighbours. */
export const array = <T, R = never>(
  of: Shape<T>,
  max: number,
  replace?: (bad: unknown) => R,
): Shape<readonly (T | R)[]> => ({ rule: { kind: 'array', of, max, ...(replace && { replace }) } })
export const record = <T>(key: Shape<string>, of: Shape<T>): Shape<Readonly<Record<string, T>>> => ({
  rule: { kind: 'record', key, of },
})
export const nullable = <T>(of: Shape<T>): Shape<T | null> => ({ rule: { kind: 'nullable', of } })
export const maybe = <T>(shape: Shape<T>): OptionalShape<T> => ({ ...shape, optional: true })

/** Whether a value, fresh from JSON.parse, has the shape. Fields that the shape does not name are left alone and ignored. */
export const fits = <T>(shape: Shape<T>, value: unknown): value is T =>
  misfit(shape.rule, value) === undefined

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where a value departs from a rule, as a dotted path ('' for the value itself); undefined when it fits. */
export function misfit(rule: ShapeRule, value: unknown): string | undefined {
  switch (rule.kind) {
    case 'string':
      return typeof value === 'string' &&
        value.length >= rule.min &&
        value.length <= rule.max &&
        (!rule.pattern || rule.pattern.test(value))
        ? undefined
        : ''
    case 'number':
      return typeof value === 'number' &&
        value >= rule.min &&
        value <= rule.max &&
        (!rule.whole || Number.isInteger(value))
        ? undefined
        : ''
    case 'boolean':
      return typeof value === 'boolean' ? undefined : ''
    case 'oneOf':
      return typeof value === 'string' && rule.values.includes(value) ? undefined : ''
    case 'json':
      return isJson(value, rule.depth) ? undefined : ''
    case 'nullable':
      return value === null ? undefined : misfit(rule.of.rule, value)
    case 'object':
      return isObject(value) ? misfitField(rule.fields, value) : ''
    case 'array':
      return Array.isArray(value) && value.length <= rule.max ? misfitElement(rule, value) : ''
    case 'record':
      return isObject(value) ? misfitEntry(rule, value) : ''
  }
}

const below = (key: string | number, path: string | undefined): string | undefined =>
  path === undefined ? undefined : path === '' ? String(key) : `${key}.${path}`

function misfitField(fields: readonly (readonly [string, AnyShape])[], value: object): string | undefined {
  for (const [key, shape] of fields) {
    // Only own properties count: a shape never reads what a prototype offers.
    const found: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
    if (found === undefined && shape.optional) continue
    const path = below(key, misfit(shape.rule, found))
    if (path !== undefined) return path
  }
  return undefined
}

function misfitElement(rule: ShapeRule & { kind: 'array' }, value: unknown[]): string | undefined {
  for (let i = 0; i < value.length; i++) {
    const path = misfit(rule.of.rule, value[i])
    if (path === undefined) continue
    if (!rule.replace) return below(i, path)
    value[i] = rule.replace(value[i])
  }
  return undefined
}

function misfitEntry(rule: ShapeRule & { kind: 'record' }, value: object): string | undefined {
  for (const [key, found] of Object.entries(value)) {
    const path = misfit(rule.key.rule, key) ?? misfit(rule.of.rule, found)
    if (path !== undefined) return below(key, path)
  }
  return undefined
}
