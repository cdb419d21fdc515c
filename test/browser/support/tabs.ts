import { expect } from 'vitest'
import { openFrame } from './frame.js'

/** Who a tab is for, and where it goes. */
export interface Ticket {
  readonly url: string
  /** Where `?user=` gives a token. */
  readonly tokens: string
  readonly user: string
  readonly room: string
  /** Whether it connects by itself. */
  readonly online: boolean
}

/** What a tab can be asked. */
export type Asked =
  | { readonly deed: 'open'; readonly ticket: Ticket }
  | { readonly deed: 'write'; readonly texts: readonly string[] }
  | { readonly deed: 'connect' | 'disconnect' | 'statuses' | 'state' | 'pending' }

/** A client in a context of its own, on the storage and locks of the profile. */
export interface Tab {
  /** Resolves when all of it is on the device. */
  write(...texts: readonly string[]): Promise<void>
  /** Each row as `text: status`, from top to bottom. */
  statuses(): Promise<readonly string[]>
  /** What is said, from top to bottom. */
  texts(): Promise<readonly string[]>
  state(): Promise<unknown>
  pending(): Promise<unknown>
  connect(): Promise<void>
  disconnect(): Promise<void>
  /** The context ends. Nothing can be asked after it. */
  end(): void
}

/**
 * How it comes to its end: a document is closed, and told so; a worker is killed, and runs no line more. Real tabs are played in
 * `test/e2e`; these play in every engine.
 */
export type Ending = 'closed' | 'killed'

interface Answer {
  readonly number: number
  readonly result?: unknown
  readonly problem?: string
}

function start(ending: Ending, name: string): () => void {
  if (ending === 'closed') {
    const frame = openFrame('./tab.ts', name)
    return () => frame.remove()
  }
  const worker = new Worker(new URL('./tab.ts', import.meta.url).href, { type: 'module', name })
  return () => worker.terminate()
}

export async function openTab(ending: Ending, ticket: Ticket): Promise<Tab> {
  const name = `tab-${crypto.randomUUID()}`
  const channel = new BroadcastChannel(name)
  const waiting = new Map<number, (answer: Answer) => void>()
  channel.onmessage = ({ data }: MessageEvent<Answer>) => waiting.get(data.number)?.(data)
  const ready = new Promise<Answer>((resolve) => waiting.set(0, resolve))
  const stop = start(ending, name)
  await ready
  let calls = 0
  async function ask(asked: Asked): Promise<unknown> {
    const number = ++calls
    const answered = new Promise<Answer>((resolve) => waiting.set(number, resolve))
    channel.postMessage({ number, asked })
    const { result, problem } = await answered
    waiting.delete(number)
    if (problem !== undefined) throw new Error(problem)
    return result
  }
  await ask({ deed: 'open', ticket })
  const statuses = async (): Promise<readonly string[]> => {
    const rows = await ask({ deed: 'statuses' })
    return Array.isArray(rows) ? rows.map(String) : []
  }
  return {
    write: async (...texts) => void (await ask({ deed: 'write', texts })),
    statuses,
    texts: async () => (await statuses()).map((row) => row.slice(0, row.lastIndexOf(': '))),
    state: () => ask({ deed: 'state' }),
    pending: () => ask({ deed: 'pending' }),
    connect: async () => void (await ask({ deed: 'connect' })),
    disconnect: async () => void (await ask({ deed: 'disconnect' })),
    end() {
      stop()
      channel.close()
    },
  }
}

/** Waits until something is so: twenty seconds are for a slow machine. */
export const soon = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 20_000, interval: 40 })

export const confirmed = (...texts: readonly string[]): readonly string[] =>
  texts.map((text) => `${text}: confirmed`)
