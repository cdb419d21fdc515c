/** Does something with each, so many at a time, and gives the results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  most: number,
  run: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const waiting = items.map((item, at) => ({ item, at }))
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next.at] = await run(next.item)
  }
  await Promise.all(Array.from({ length: Math.max(1, most) }, work))
  return results
}
