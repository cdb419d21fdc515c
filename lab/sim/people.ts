import { type Message, receipts, typing } from 'tidings/core'
import { messageIdOf } from 'tidings-server/core'
import { inSight } from './own.js'
import type { Seat, Stage } from './stage.js'
import { hear } from './told.js'

const EMOJI = ['+1', 'heart', 'eyes'] as const
/** People look at what is new. */
const NEWEST = 12

const shown = ({ tab }: Seat, room: string): readonly Message[] =>
  tab.client
    .room(room)
    .timeline.get()
    .items.flatMap((item) => (item.type === 'message' ? item : []))

/** A list holds 1,000 messages at most, and what nobody shows cannot be compared: here nobody writes more to a room. */
const ROOM_MOST = 900

const isFull = ({ intents }: Stage, room: string): boolean =>
  intents.size > ROOM_MOST &&
  [...intents.values()].filter((intent) => intent.room === room).length > ROOM_MOST

function write(stage: Stage, seat: Seat, room: string): void {
  if (isFull(stage, room)) return
  const { dice, intents } = stage
  const parent = dice.chance(0.3) ? dice.pick(shown(seat, room).slice(-NEWEST)) : undefined
  const n = intents.size + 1
  const options = parent && !parent.deleted ? { replyTo: parent.key } : {}
  const { key } = seat.tab.client.room(room).send({ n }, options)
  intents.set(key, { user: seat.profile.user, room, key, n, by: seat.name, queued: false })
  inSight(stage, seat, room)
  stage.trace.note(`${seat.name} writes ${n} in ${room}`)
}

/** Somebody says many things at once. */
export function flood(stage: Stage, seat: Seat, messages: number): void {
  const room = stage.dice.pick(stage.rooms)
  for (let left = messages; room !== undefined && left > 0; left--) write(stage, seat, room)
}

/** People may change what others wrote, where the server lets them; they do it now and then. */
const OF_OTHERS = 0.2
/** How many edits must not overwrite what somebody else made of a message meanwhile. */
const CAREFUL = 0.4

function change(stage: Stage, seat: Seat, room: string): void {
  const { dice } = stage
  const face = seat.tab.client.room(room)
  const recent = shown(seat, room).slice(-NEWEST)
  const any = dice.pick(recent)
  const ofOthers = dice.chance(OF_OTHERS)
  const own = dice.pick(
    recent.filter(({ from, seq }) => (from === seat.profile.user) !== (ofOthers && seq !== null)),
  )
  const emoji = dice.pick(EMOJI)
  if (!any || emoji === undefined) return
  const what = dice.weighted({ edit: 3, remove: 1, react: 5, unreact: 2 })
  stage.trace.note(`${seat.name} ${what}`)
  if (what === 'react') face.react(any.key, emoji)
  else if (what === 'unreact') face.unreact(any.key, emoji)
  else if (own && what === 'edit') {
    const words = { n: 0, edit: dice.between(0, 1) }
    const how = dice.chance(CAREFUL) ? { expectVersion: true as const } : {}
    hear(stage, seat, { room, key: own.key, what }, face.edit(own.key, words, how))
  } else if (own) {
    hear(stage, seat, { room, key: own.key, what: 'remove' }, face.remove(own.key))
    // What was never sent, or was lost by the server and sent in vain, leaves no trace, and is owed to nobody.
    const isThere = own.seq !== null && stage.kept.has(messageIdOf(room, seat.profile.user, own.key))
    if (isThere) return
    stage.intents.delete(own.key)
    stage.takenBack.add(own.key)
  }
}

/** Somebody leaves the newest end, or comes back to it. */
function wander(stage: Stage, seat: Seat, room: string): void {
  const { dice, world } = stage
  const face = seat.tab.client.room(room)
  const what = dice.weighted({ older: 3, newer: 2, newest: 3, unread: 1, message: 2, moment: 1 })
  stage.trace.note(`${seat.name} goes to ${what}`)
  const any = dice.pick(shown(seat, room))
  if (what === 'older') void face.loadOlder()
  else if (what === 'newer') void face.loadNewer()
  else if (what === 'newest') void face.jumpTo('newest')
  else if (what === 'unread') void face.jumpTo('first-unread')
  else if (what === 'moment') void face.jumpTo(world.timeline.now() - dice.between(0, 900_000))
  else if (any) void face.jumpTo(any.key)
}

/** Some write in several lines, some see at once what they should have written. */
function say(stage: Stage, seat: Seat, room: string): void {
  const { dice } = stage
  for (let left = dice.chance(0.2) ? 3 : 1; left > 0; left--) write(stage, seat, room)
  if (dice.chance(0.2)) change(stage, seat, room)
}

/** Somebody does something, or reads on. */
export function act(stage: Stage, seat: Seat): void {
  const room = stage.dice.pick(stage.rooms)
  if (room === undefined) return
  const face = seat.tab.client.room(room)
  const what = stage.dice.weighted({ write: 6, change: 4, wander: 2, read: 2, type: 2 })
  if (what === 'write') say(stage, seat, room)
  else if (what === 'change') change(stage, seat, room)
  else if (what === 'wander') wander(stage, seat, room)
  else if (what === 'read') receipts(face).markRead()
  else typing(face).keystroke()
}
