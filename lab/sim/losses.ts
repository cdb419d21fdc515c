import { typing } from 'tidings/core'
import { Broken } from './laws.js'
import type { Seat, Stage } from './stage.js'

/** A frame is on its way for two latencies. */
const SOON_MS = 1_000
/** An acknowledgement is awaited for 10 s, then asked for again. */
const ASKED_AGAIN_MS = 15_000
/** I12: 5 s after the last word, and a second for the timers. */
const FORGOTTEN_MS = 6_000
/** A silence ends in a probe, and a probe that nobody answers in another connection. */
const REST_MS = 30_000

/** While a user is told nothing. */
async function unheard({ world, mood }: Stage, { profile }: Seat, ms: number): Promise<void> {
  mood.mute = profile.user
  await world.timeline.advance(ms)
  mood.mute = undefined
}

const idsAt = ({ tab }: Seat, room: string): readonly string[] =>
  tab.client
    .room(room)
    .timeline.get()
    .items.flatMap((item) => (item.type === 'message' && item.seq !== null ? item.id : []))

/** A message is committed, and all that would tell its author is lost: the author asks again, and needs no other connection for that. */
async function loseAnswer(stage: Stage, writer: Seat, room: string): Promise<void> {
  const face = writer.tab.client.room(room)
  const { key } = face.send({ n: 0 })
  await unheard(stage, writer, SOON_MS)
  await stage.world.timeline.advance(ASKED_AGAIN_MS)
  const message = face.timeline.get().items.find((item) => item.key === key)
  // A server has opinions.
  if (message?.type === 'message' && message.status !== 'confirmed' && message.status !== 'failed')
    throw new Broken(`L1: ${writer.name} never asked again for an answer that was lost`)
}

/** An event is lost and the next one arrives: who missed it notices the gap and asks. */
async function loseEvent(stage: Stage, writer: Seat, reader: Seat, room: string): Promise<void> {
  const face = writer.tab.client.room(room)
  face.send({ n: 0 })
  await unheard(stage, reader, SOON_MS)
  const { key } = face.send({ n: 0 })
  await stage.world.timeline.advance(ASKED_AGAIN_MS)
  const last = face.timeline.get().items.find((item) => item.key === key)
  // A server has opinions: where it refused, nothing follows what was lost.
  if (last?.type !== 'message' || last.status !== 'confirmed') return
  const [seen, there] = [idsAt(reader, room), idsAt(writer, room)]
  if (seen.slice(-2).join() !== there.slice(-2).join())
    throw new Broken(`L1: ${reader.name} missed an event and never asked`)
}

/** Somebody types in one room, and a reader is not told of the end. */
async function loseEnd(stage: Stage, writer: Seat, reader: Seat): Promise<void> {
  const [room, elsewhere] = stage.rooms
  const typists = (where: string) => typing(reader.tab.client.room(where)).users.get().length
  if (room === undefined) return
  typing(writer.tab.client.room(room)).keystroke()
  await stage.world.timeline.advance(SOON_MS)
  if (elsewhere !== undefined && typists(elsewhere) > 0)
    throw new Broken(`I12: ${reader.name} sees somebody type in another room`)
  await unheard(stage, reader, FORGOTTEN_MS)
  if (typists(room) > 0) throw new Broken(`I12: ${reader.name} sees somebody type who fell silent`)
}

/** When all is quiet again: single frames are lost on connections that live. */
export async function lose(stage: Stage): Promise<void> {
  const [reader] = stage.seats
  const writer = stage.seats.find(({ profile }) => profile.user !== reader?.profile.user)
  const [room] = stage.rooms
  if (!reader || !writer || room === undefined || stage.hides) return
  await stage.world.timeline.advance(REST_MS)
  await loseAnswer(stage, writer, room)
  await loseEvent(stage, writer, reader, room)
  await loseEnd(stage, writer, reader)
}
