/** The last item that passes. Lists name `findLast` only from ES2023 on, and engines of two years ago are in use. */
export function lastOf<T, S extends T>(items: readonly T[], passes: (item: T) => item is S): S | undefined
export function lastOf<T>(items: readonly T[], passes: (item: T) => boolean): T | undefined
export function lastOf<T>(items: readonly T[], passes: (item: T) => boolean): T | undefined {
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i]
    if (item !== undefined && passes(item)) return item
  }
  return undefined
}
