import {
  type Client,
  type Conflict,
  createClient,
  idle,
  type Json,
  type Message,
  notifications,
  presence,
  type Room,
  receipts,
  type Timeline,
  typing,
  type Unreadable,
} from 'tidings'
import { createClientOn, type Platform } from 'tidings/core'
import * as v from 'valibot'
import * as z from 'zod'
import { type Equal, expectType } from './expect.js'

/* Types of bodies, as an application meets them. Nothing here runs: the type check reads it, and each @ts-expect-error must be one. */

const options = { url: 'wss://example.org/v1/ws', user: 'alice', token: () => 'token' }

interface Text {
  text: string
}

export function withoutSchema(): void {
  const client = createClient(options)
  const room = client.room('general')
  expectType<Equal<typeof client, Client<Json, Json>>>(true)
  expectType<Equal<typeof room, Room<Json, Json>>>(true)
  room.send({ anything: ['that', 'is', 'JSON'] })
  // @ts-expect-error a date is no JSON
  room.send(new Date())
  // @ts-expect-error a function is no JSON
  room.send(() => undefined)
}

export function withValibot(): void {
  const client = createClient({ ...options, body: v.object({ text: v.string() }) })
  expectType<Equal<typeof client, Client<Text, Text>>>(true)
  const room = client.room('general')
  expectType<Equal<ReturnType<typeof room.timeline.get>, Timeline<Text>>>(true)
  const sent = room.send({ text: 'Hello' })
  expectType<Equal<typeof sent.message, Message<Text>>>(true)
  expectType<Equal<Awaited<ReturnType<typeof sent.confirmed>>, Message<Text>>>(true)
  room.edit(sent.key, { text: 'Hello!' }, { expectVersion: true })
  room.arrivals(({ body }) => expectType<Equal<typeof body, Text | null>>(true))
  // @ts-expect-error the text is missing
  room.send({})
  // @ts-expect-error the text is a text
  room.send({ text: 7 })
  // @ts-expect-error there is no such field
  room.send({ text: 'Hello', words: 2 })
  // @ts-expect-error an edit is checked like a send
  room.edit(sent.key, { text: 7 })
  // @ts-expect-error a version is a number, or the one that is shown
  room.edit(sent.key, { text: 'Hello' }, { expectVersion: '2' })
  // @ts-expect-error so is what one writes to a single person
  client.direct('bob').send('Hello')
}

export function withZod(): void {
  const client = createClient({ ...options, body: z.object({ text: z.string() }) })
  expectType<Equal<typeof client, Client<Text, Text>>>(true)
  // @ts-expect-error the text is a text
  client.room('general').send({ text: 7 })
}

export function itemsAreToldApart(room: Room<Text>): void {
  for (const item of room.timeline.get().items) {
    // @ts-expect-error a gap has no body
    item.body
    if (item.type === 'message') expectType<Equal<typeof item.body, Text | null>>(true)
    else if (item.type === 'unreadable') {
      expectType<Equal<typeof item, Unreadable>>(true)
      // @ts-expect-error nobody knows what it says
      item.body
    }
  }
}

export function transforming(): void {
  const schema = v.object({
    at: v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    ),
  })
  const client = createClient({ ...options, body: schema })
  expectType<Equal<typeof client, Client<{ at: Date }, { at: string }>>>(true)
  const room = client.room('general')
  const sent = room.send({ at: '2026-01-05' })
  expectType<Equal<typeof sent.message.body, { at: Date } | null>>(true)
  // @ts-expect-error what is written is what travels
  room.send({ at: new Date() })

  const withDefault = createClient({ ...options, body: z.object({ n: z.number().default(1) }) })
  expectType<Equal<typeof withDefault, Client<{ n: number }, { n?: number | undefined }>>>(true)
  withDefault.room('general').send({})
}

export function roomsOfTheirOwn(client: Client<Text>): void {
  const votes = client.room('votes', { body: z.object({ vote: z.number() }) })
  expectType<Equal<typeof votes, Room<{ vote: number }, { vote: number }>>>(true)
  votes.send({ vote: 1 })
  // @ts-expect-error the client's bodies are not those of the room
  votes.send({ text: 'Hello' })
  const direct = client.direct('bob', { body: v.string() })
  expectType<Equal<typeof direct, Room<string, string>>>(true)
  const own = client.room('general')
  expectType<Equal<typeof own, Room<Text, Text>>>(true)
}

export function conflictsByName(client: Client<Text>): void {
  client.room('general', {
    conflicts: 'expectVersion',
    onConflict(conflict) {
      expectType<Equal<typeof conflict, Conflict<Text, Text>>>(true)
      return { edit: { text: `${conflict.current?.text} ${conflict.yours.text}` } }
    },
  })
  client.room('general', { onConflict: async ({ current }) => (current ? { edit: current } : 'discard') })
  client.room('general', { onConflict: () => undefined })
  client.room('votes', {
    body: z.object({ vote: z.number() }),
    onConflict: ({ yours, current }) => ({ edit: { vote: Math.max(yours.vote, current?.vote ?? 0) } }),
  })
  // @ts-expect-error there is no such policy
  client.room('general', { conflicts: 'firstWriterWins' })
  // @ts-expect-error an answer is a body of the room
  client.room('general', { onConflict: () => ({ edit: { vote: 1 } }) })
  // @ts-expect-error or one of the words
  client.room('general', { onConflict: () => 'perhaps' })
}

export function onAnyPlatform(platform: Platform): void {
  const typed = createClientOn(platform, { ...options, body: v.object({ text: v.string() }) })
  expectType<Equal<typeof typed, Client<Text, Text>>>(true)
  const plain = createClientOn(platform, options)
  expectType<Equal<typeof plain, Client<Json, Json>>>(true)
  // @ts-expect-error a schema is a Standard Schema
  createClientOn(platform, { ...options, body: { parse: () => undefined } })
}

/** What works over any room or client takes one with bodies of any kind. */
export function overAnyRoom(
  room: Room<{ at: Date }, { at: string }>,
  client: Client<{ at: Date }, { at: string }>,
): void {
  typing(room).keystroke()
  void receipts(room)
  void presence(client).set
  void idle(client).get()
  void notifications(client).id
}
