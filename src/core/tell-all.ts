/** Tells everybody, also when one throws; the first thing thrown goes on once all were told. */
export function tellAll(tells: readonly (() => void)[]): void {
  const thrown: unknown[] = []
  for (const tell of tells) {
    try {
      tell()
    } catch (error) {
      thrown.push(error)
    }
  }
  if (thrown.length > 0) throw thrown[0]
}
