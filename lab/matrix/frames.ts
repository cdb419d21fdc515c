const typeOf = (frame: unknown): string => String(Reflect.get(Object(frame), 'type'))

/** What a text on the wire holds, as a name: the types of its frames in their order, neighbours of one type counted. */
export function typesOf(text: string): string {
  const parsed: unknown = JSON.parse(text)
  const types = (Array.isArray(parsed) ? parsed : [parsed]).map(typeOf)
  const runs: { readonly type: string; count: number }[] = []
  for (const type of types) {
    const last = runs.at(-1)
    if (last?.type === type) last.count += 1
    else runs.push({ type, count: 1 })
  }
  return runs.map(({ type, count }) => (count > 1 ? `${type}*${count}` : type)).join('+')
}
