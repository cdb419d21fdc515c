import { createWebSocketConnect } from 'tidings'
import { type Client, createClientOn, type Room } from 'tidings/core'
import {
  createMemoryDisk,
  createMemoryLocks,
  createPuppetLifecycle,
  createSeededRandom,
} from 'tidings/testing'
import WebSocket from 'ws'
import type { EmbeddedServer } from '../../src/index.js'
import { nodeClock } from '../../src/platform.js'

/** What a room shows, from top to bottom: id and text of each message. */
export type Shown = readonly (readonly [id: string, text: unknown])[]

/** A whole client on a device in memory, over real sockets. */
export interface Person {
  readonly client: Client
  readonly room: Room<{ readonly text: string }>
  /** Says something; resolves with its id when it is acknowledged. */
  say(text: string): Promise<string>
  shown(): Shown
  end(): void
}

export function createPerson(user: string, seed: number, server: EmbeddedServer, url = server.url): Person {
  const random = createSeededRandom(seed)
  const disk = createMemoryDisk({ clock: nodeClock, random, latencyMs: 0 })
  const client = createClientOn(
    {
      ...{ clock: nodeClock, random, storage: disk.storage(), lifecycle: createPuppetLifecycle() },
      ...{ locks: createMemoryLocks().context(), connect: createWebSocketConnect({ WebSocket }) },
    },
    { url, user, token: () => server.token(user) },
  )
  const room = client.room<{ readonly text: string }>('general')
  const close = room.open()
  client.connect()
  return {
    client,
    room,
    async say(text) {
      const sent = room.send({ text })
      await sent.confirmed()
      return sent.key
    },
    shown: () =>
      room.timeline
        .get()
        .items.flatMap((item) => (item.type === 'message' ? [[item.id, item.body?.text] as const] : [])),
    end() {
      close()
      void client.destroy()
    },
  }
}
