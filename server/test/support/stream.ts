/** An answer that goes on, as a test reads it. */
export interface Stream {
  readonly status: number
  readonly headers: Headers
  /** Everything that came so far. */
  readonly text: () => string
  /** Waits until it matches, and gives what did. Fails when the stream ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with everything once the server has ended it. */
  readonly ended: Promise<string>
  /** Goes without a word. */
  hangUp(): void
}

/** Asks, and reads what comes for as long as it comes. */
export async function openStream(address: string, init: RequestInit = {}): Promise<Stream> {
  const giveUp = new AbortController()
  const response = await fetch(address, { ...init, signal: giveUp.signal })
  const decoder = new TextDecoder()
  const looks = new Set<() => void>()
  let text = ''
  let over = false
  const look = () => {
    for (const each of [...looks]) each()
  }
  const read = async () => {
    try {
      for await (const piece of response.body ?? []) {
        text += decoder.decode(piece, { stream: true })
        look()
      }
    } catch {
      // Broken off, which is an end as well.
    }
    over = true
    look()
    return text
  }
  const ended = read()
  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    ended,
    hangUp: () => giveUp.abort(),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const attempt = () => {
          const found = pattern.exec(text)
          if (!found && !over) return
          looks.delete(attempt)
          if (found) resolve(found)
          else reject(new Error(`The stream ended without ${pattern.source}: ${text}`))
        }
        looks.add(attempt)
        attempt()
      }),
  }
}
