import { type Message, receipts } from 'tidings/core'
import { messageIdOf } from 'tidings-server/core'
import { Broken } from './broken.js'
import { fallSilent } from './silence.js'
import type { Judged, Seat } from './stage.js'
import { keptWord } from './told.js'

/** L1: once faults cease, this long is enough for everything that is owed: 60 s and a backoff cap. */
const QUIET_MS = 90_000
const LOOK_MS = 1_000
/** How often people look at what failed: what they try again has time to arrive. */
const DECIDE_MS = 10_000
/** What is told of reading and typing follows at once. */
const REST_MS = 5_000
const PAGE_MS = 200
/** Attempts that bring nothing until a person gives up. */
const FUTILE_MOST = 5

const messagesOf = ({ tab }: Seat, room: string): readonly Message[] =>
  tab.client
    .room(room)
    .timeline.get()
    .items.flatMap((item) => (item.type === 'message' ? item : []))

/** What everybody has to show alike. */
const shownAs = ({ id, stamp, body, version, edited, deleted, reactions, replyTo }: Message): string =>
  JSON.stringify([
    ...[id, stamp, body, version, edited, deleted, replyTo],
    ...[reactions.map(({ emoji, users }) => [emoji, [...users].sort()])],
  ])

/** What only its author can decide about. */
const undecided = ({ seats, rooms }: Judged) =>
  seats.flatMap((seat) =>
    rooms.flatMap((room) =>
      messagesOf(seat, room).flatMap(({ key, seq, status }) =>
        status === 'failed' || status === 'unknown' ? { seat, room, key, seq } : [],
      ),
    ),
  )

/** Everybody follows every room, and nothing waits to be sent. */
const isSettled = ({ seats, rooms }: Judged): boolean =>
  seats.every(
    ({ tab: { client } }) =>
      client.outbox.get().pending === 0 &&
      client.connection.get().state === 'connected' &&
      client.outbox.get().failed === 0 &&
      rooms.every((room) => client.room(room).timeline.get().status === 'live'),
  )

/**
 * What failed, and what nobody can tell any more, waits for its author: people try again, and let go of what fails a second time. What
 * hangs on it goes on then.
 */
function decide(stage: Judged, tried: Set<string>): void {
  for (const { seat, room, key, seq } of undecided(stage)) {
    const name = `${seat.name} ${room} ${key}`
    const face = seat.tab.client.room(room)
    if (!tried.has(name)) face.retry(key)
    else {
      face.discard(key)
      // A message that its author gave up is owed to nobody.
      if (seq === null) stage.intents.delete(key)
    }
    tried.add(name)
  }
}

/** What failed stands at the newest end: people who are told of it and look at the past go there. */
async function lookAhead({ seats, rooms, world }: Judged): Promise<void> {
  for (const { tab } of seats) {
    if (tab.client.outbox.get().failed === 0) continue
    for (const room of rooms.filter((each) => tab.client.room(each).timeline.get().hasNewer)) {
      const home = tab.client.room(room).jumpTo('newest')
      await world.timeline.advance(PAGE_MS)
      await home
    }
  }
}

/** Waits until everything is settled, or ought to be. Gives how long that took, ms. */
async function settle(stage: Judged): Promise<number> {
  const tried = new Set<string>()
  let ms = 0
  while (ms < QUIET_MS && !isSettled(stage)) {
    // Who was told something final is asked back by their people.
    for (const { mayGiveUp, tab } of stage.seats)
      if (mayGiveUp && tab.client.connection.get().state === 'failed') tab.client.connect()
    if (ms % DECIDE_MS === 0) {
      await lookAhead(stage)
      decide(stage, tried)
    }
    await stage.world.timeline.advance(LOOK_MS)
    ms += LOOK_MS
  }
  await stage.world.timeline.advance(REST_MS)
  return ms
}

async function readAll(stage: Judged, seat: Seat, room: string): Promise<void> {
  const face = seat.tab.client.room(room)
  const home = face.jumpTo('newest')
  await stage.world.timeline.advance(PAGE_MS)
  await home
  const gapOf = () => face.timeline.get().items.findLast((item) => item.type === 'gap')
  // A page that turns out to be damaged on the disk brings nothing, and is asked for again.
  for (let futile = 0; futile < FUTILE_MOST; ) {
    const gap = gapOf()
    const loading = gap ? face.fillGap(gap) : face.loadOlder()
    await stage.world.timeline.advance(PAGE_MS)
    if (await loading) futile = 0
    else if (gapOf() || face.timeline.get().hasOlder) futile += 1
    else break
  }
  if (gapOf()) throw new Broken(`L1: ${seat.name} cannot fill a gap in ${room}`)
}

/** After the faults: everything queued is there once, and all show the same (I1 to I4, I6, L1). Gives how long that took, ms. */
export async function agree(stage: Judged): Promise<number> {
  const { seats, rooms, intents } = stage
  const tookMs = await settle(stage)
  for (const seat of seats) {
    const { state } = seat.tab.client.connection.get()
    if (state !== 'connected') throw new Broken(`L1: ${seat.name} is ${state} after all faults ceased`)
    const { pending } = seat.tab.client.outbox.get()
    if (pending > 0) throw new Broken(`L1: ${seat.name} still holds ${pending} operations`)
  }
  const [first] = seats
  if (!first) return tookMs
  for (const room of rooms) {
    for (const seat of seats) await readAll(stage, seat, room)
    const truth = messagesOf(first, room).map(shownAs)
    for (const seat of seats) {
      const found = messagesOf(seat, room).map(shownAs)
      const at = truth.findIndex((line, i) => line !== found[i])
      if (at >= 0 || found.length !== truth.length)
        throw new Broken(
          `I4: in ${room} ${first.name} shows ${truth.length}, ${seat.name} ${found.length}; first difference at ${at}:\n  ${truth[at]}\n  ${found[at]}`,
        )
    }
    causes(messagesOf(first, room), room)
    if (!stage.rolledBackAt) keptWord(stage, room, messagesOf(first, room))
    if (!stage.rolledBackAt) sameMarks(stage, room)
    if (!stage.rolledBackAt) sameReaders(stage, room)
  }
  const there = new Set(rooms.flatMap((room) => messagesOf(first, room).map(({ id }) => id)))
  for (const { user, room, key, queued, lost, n } of intents.values())
    if (queued && !lost && !there.has(messageIdOf(room, user, key)))
      throw new Broken(`I1: message ${n} of ${user} in ${room} was queued and is nowhere`)
  await fallSilent(stage)
  return tookMs
}

/** I6: an answer stands after what it answers. */
function causes(messages: readonly Message[], room: string): void {
  const places = new Map(messages.map(({ id }, i) => [id, i]))
  for (const [i, { id, replyTo }] of messages.entries()) {
    const parent = replyTo === null ? undefined : places.get(replyTo)
    if (parent !== undefined && parent > i) throw new Broken(`I6: in ${room} ${id} stands before its parent`)
  }
}

/** I13: every device of a person knows how far that person has read. */
function sameMarks({ seats }: Judged, room: string): void {
  const marks = new Map<string, number | null>()
  for (const { name, profile, tab } of seats) {
    const { mark } = receipts(tab.client.room(room)).state.get()
    const known = marks.get(profile.user)
    if (known !== undefined && known !== mark)
      throw new Broken(
        `I13: in ${room} ${name} stands at ${mark}, another tab of ${profile.user} at ${known}`,
      )
    marks.set(profile.user, mark)
  }
}

/** I13: what others are told of somebody's mark is what that person knows. */
function sameReaders({ seats }: Judged, room: string): void {
  const marks = new Map(
    seats.map(({ profile, tab }) => [profile.user, receipts(tab.client.room(room)).state.get().mark ?? 0]),
  )
  for (const { name, tab } of seats)
    for (const { user, upTo } of receipts(tab.client.room(room)).state.get().readers)
      if (marks.get(user) !== upTo)
        throw new Broken(
          `I13: in ${room} ${name} has seen ${user} read up to ${upTo}, not ${marks.get(user)}`,
        )
}
