import type { Clock } from '../core/seams.js'
import { firstMark } from '../log/cursor.js'
import { type FunctionName, functionName, LIBRARY } from './library.js'

/** How a node reaches Redis: one connection that asks, and one that listens. */
export interface Link {
  /** Calls a function of the library for a room; its texts. Rejects when Redis cannot be reached now: nothing waits for it. */
  call(name: FunctionName, room: string, ...words: readonly string[]): Promise<readonly string[]>
  /** Any other command. Rejects like `call`. */
  command(...words: readonly string[]): Promise<unknown>
  /** Resolves when what is told in the room from then on is heard here. */
  listen(room: string): Promise<void>
  unlisten(room: string): void
  /** Tells everybody who listens to the room. What is lost is lost. */
  tell(room: string, text: string): void
  /** Resolves when what was asked and told before has arrived, or cannot. */
  drained(): Promise<void>
  close(): void
}

export interface LinkOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** What keys begin with, so that several may share one Redis. */
  readonly prefix: string
  readonly clock: Pick<Clock, 'after'>
  readonly heard: (room: string, text: string) => void
  /** One of the connections was lost and is back: what was told meanwhile is lost, or could not be asked for. */
  readonly reconnected: () => void
}

/** Answers that take longer count as none: the connection may be dead without anybody having said so. */
const ANSWER_MS = 5_000
/** Waits between attempts to connect grow to this. */
const RECONNECT_MOST_MS = 1_000

/** A Redis that is too old for functions. It has no code for that either. */
const isUnsupported = (cause: unknown): boolean =>
  cause instanceof Error && /unknown command/i.test(cause.message)
/** Redis has one code, ERR, for this and everything else: its words are all there is to tell it by. */
const isMissingFunction = (cause: unknown): boolean =>
  cause instanceof Error && cause.message.includes('Function not found')

const textsOf = (reply: unknown): readonly string[] => {
  const texts: unknown[] = Array.isArray(reply) ? reply : [reply]
  return texts.map(String)
}

async function importClient() {
  try {
    return await import('@redis/client')
  } catch {
    throw new Error('The optional package @redis/client is not installed. Run npm install @redis/client.')
  }
}

/** A room's keys share one slot of a cluster: what lies between the first braces decides. Braces in a name are written otherwise. */
export const keyOf = (prefix: string, room: string): string =>
  `${prefix}:{${room.replace(/[%{}]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}}`

/** The room of a key. */
export const roomOf = (prefix: string, key: string): string =>
  key
    .slice(prefix.length + 2, key.lastIndexOf('}'))
    .replace(/%(25|7b|7d)/g, (sign) => String.fromCharCode(Number.parseInt(sign.slice(1), 16)))

/** Rejects when an answer does not come in time. */
function within<T>(clock: Pick<Clock, 'after'>, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ANSWER_MS, () => reject(new Error('Redis does not answer.')))
    answer.then(resolve, reject).finally(cancel)
  })
}

/** Opens both connections. Rejects when there is no Redis, or one before version 7. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { url, prefix, clock, heard, reconnected } = options
  const { createClient } = await importClient()
  let isOpen = false
  const open = () =>
    createClient({
      url,
      // Whoever asks wants to know now: a client that is told "not now" sends it again.
      disableOfflineQueue: true,
      socket: {
        // The first attempt says what is wrong; afterwards nobody gives up.
        reconnectStrategy: (attempts, cause) => (isOpen ? Math.min(50 * attempts, RECONNECT_MOST_MS) : cause),
      },
    }).on('error', () => undefined)
  const asking = open()
  const listening = open()
  const load = () => asking.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', LIBRARY])
  const channelOf = (room: string) => `${keyOf(prefix, room)}:c`
  const listeners = new Map<string, (text: string) => void>()

  try {
    await Promise.all([asking.connect(), listening.connect()])
    await load()
  } catch (cause) {
    for (const client of [asking, listening]) if (client.isOpen) client.destroy()
    if (isUnsupported(cause)) throw new Error('This Redis is too old: version 7 or newer is needed.')
    throw cause
  }
  isOpen = true
  // Both: whichever is back first cannot do without the other.
  for (const client of [asking, listening]) client.on('ready', reconnected)

  const command = (...words: readonly string[]): Promise<unknown> =>
    within(clock, asking.sendCommand([...words]))
  return {
    command,
    async call(name, room, ...words) {
      const asked = ['FCALL', functionName(name), '1', keyOf(prefix, room), firstMark(room), ...words]
      try {
        return textsOf(await command(...asked))
      } catch (cause) {
        // A Redis that came back without its memory, or another one in its place.
        if (!isMissingFunction(cause)) throw cause
        await load()
        return textsOf(await command(...asked))
      }
    },
    async listen(room) {
      const listener = (text: string) => heard(room, text)
      listeners.set(room, listener)
      await within(clock, listening.sSubscribe(channelOf(room), listener))
    },
    unlisten(room) {
      const listener = listeners.get(room)
      listeners.delete(room)
      if (listener) listening.sUnsubscribe(channelOf(room), listener).catch(() => undefined)
    },
    tell(room, text) {
      asking.sendCommand(['SPUBLISH', channelOf(room), text]).catch(() => undefined)
    },
    drained: () =>
      command('PING').then(
        () => undefined,
        () => undefined,
      ),
    close() {
      for (const client of [asking, listening]) if (client.isOpen) client.destroy()
    },
  }
}
