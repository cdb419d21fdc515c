/** Tells other contexts of this profile which keys were committed. */
export interface Broadcast {
  tell(keys: readonly string[]): void
  close(): void
}

const isKeys = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((key) => typeof key === 'string')

/** A channel of this name; where the platform has none, nobody is told. */
export function createBroadcast(name: string, told: (keys: readonly string[]) => void): Broadcast {
  const channel = open(name)
  if (channel === undefined) return { tell() {}, close() {} }
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (isKeys(data)) told(data)
  }
  return {
    tell(keys) {
      try {
        channel.postMessage(keys)
      } catch {
        // Closed meanwhile: watching is a hint, the commit stands.
      }
    },
    close() {
      channel.onmessage = null
      channel.close()
    },
  }
}

function open(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(`tidings:${name}`)
  } catch {
    // Missing, or refused to a page without an origin.
    return undefined
  }
}
