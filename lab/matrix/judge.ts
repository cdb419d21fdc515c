import type { Message } from 'tidings/core'
import { messageIdOf } from 'tidings-server/core'
import { agree } from '../sim/agree.js'
import { Broken } from '../sim/laws.js'
import type { Seat } from '../sim/stage.js'
import type { Stage } from './stage.js'
import type { Deed, Word } from './words.js'

/** Errors that a client may report when a device or a network fails. Anything else means that it met something broken of its own. */
const EXPECTED: readonly string[] = ['storage', 'token_failed', 'server', 'room_refused']

/** The longest wait of a client that lost its connection, and a while for what it missed. */
const BACK_MS = 60_000
const LOOK_MS = 1_000

/** Once everything has healed, every promise holds. Throws `Broken` where one does not. */
export async function judge(stage: Stage): Promise<void> {
  await agree(stage)
  await comeBack(stage)
  stage.look()
  for (const seat of stage.seats) {
    atRest(stage, seat)
    wellRead(seat)
  }
  for (const room of stage.rooms) await inLog(stage, room)
}

const isBehind = ({ tab: { client } }: Seat): boolean => {
  const { phase, remaining } = client.sync.get()
  return phase !== 'live' || remaining !== 0
}

/** Who was sent into a tunnel, to be seen falling silent, is back. */
async function comeBack({ world, seats }: Stage): Promise<void> {
  for (let ms = 0; ms < BACK_MS && seats.some(isBehind); ms += LOOK_MS) await world.timeline.advance(LOOK_MS)
}

/** Nothing is owed to a tab, and its lists are what they say they are. */
function atRest({ rooms, words }: Stage, { name, tab: { client } }: Seat): void {
  const { failed } = client.outbox.get()
  if (failed > 0) throw new Broken(`L1: ${name} still shows ${failed} operations as failed`)
  const { phase, remaining } = client.sync.get()
  if (phase !== 'live' || remaining !== 0)
    throw new Broken(`L1: ${name} is ${phase} with ${remaining} operations to come`)
  for (const room of rooms) {
    const { status, items } = client.room(room).timeline.get()
    if (status !== 'live') throw new Broken(`L1: ${room} is ${status} at ${name}`)
    for (const item of items)
      if (item.type !== 'message' || item.id.startsWith('tmp_'))
        throw new Broken(`I11: ${name} shows ${JSON.stringify(item)} in ${room}`)
  }
  for (const { label, awaitedBy } of words.all())
    if (awaitedBy === client) throw new Broken(`L1: ${name} was never told what came of "${label}"`)
}

/** Nothing that a tab or a disk was given could not be read. */
function wellRead({ name, tab, profile }: Seat): void {
  for (const { code, message } of tab.errors)
    if (!EXPECTED.includes(code)) throw new Broken(`I15: ${name} reported ${code}: ${message}`)
  for (const store of profile.disk.names())
    for (const [key] of profile.disk.entries(store))
      if (key.startsWith('bad/')) throw new Broken(`I15: ${name} has ${key} set aside`)
}

/** The server's log holds each intent once, and nothing that nobody meant. */
async function inLog(stage: Stage, room: string): Promise<void> {
  const entries = (await stage.serverLog.read(room)).map(({ text }) => JSON.parse(text))
  const counts = new Map<string, number>()
  for (const { messageId } of entries) counts.set(messageId, (counts.get(messageId) ?? 0) + 1)
  for (const [id, count] of counts)
    if (count > 1) throw new Broken(`I3: ${id} is ${count} times in the log of ${room}`)
  const words = stage.words.all().filter((word) => word.room === room)
  const meant = new Set(words.map(idOf))
  for (const { messageId, kind } of entries)
    if (kind === 'create' && !meant.has(messageId))
      throw new Broken(`I3: nobody meant ${messageId} in ${room}`)
  const [seat] = stage.seats
  const shown = new Map(
    seat?.tab.client
      .room(room)
      .timeline.get()
      .items.map((item) => [item.type === 'gap' ? item.key : item.id, item]),
  )
  for (const word of words) {
    const item = shown.get(idOf(word))
    asMeant(word, item?.type === 'message' ? item : undefined)
  }
}

const idOf = ({ room, user, key }: Word): string => messageIdOf(room, user, key)

/** What was done to a message shows, from the moment at which it was owed. */
function asMeant({ label, queued, deeds }: Word, shown: Message | undefined): void {
  const removed = deeds.some((deed) => deed.kind === 'delete' && deed.queued)
  const mayBeRemoved = deeds.some((deed) => deed.kind === 'delete')
  if (!shown) {
    if (queued && !mayBeRemoved) throw new Broken(`I1: "${label}" was queued and is nowhere`)
    return
  }
  if (removed && !shown.deleted) throw new Broken(`I1: "${label}" was removed and is still there`)
  if (shown.deleted && !mayBeRemoved) throw new Broken(`I3: nobody removed "${label}"`)
  if (shown.deleted) return
  const bodies = possibleBodies(label, deeds)
  if (!bodies.includes(String(shown.body)))
    throw new Broken(
      `I1: "${label}" says "${shown.body}", not ${bodies.map((body) => `"${body}"`).join(' or ')}`,
    )
  for (const { kind, user, value, queued: owed } of deeds)
    if (
      kind === 'react' &&
      owed &&
      !shown.reactions.some(({ emoji, users }) => emoji === value && users.includes(user))
    )
      throw new Broken(`I1: the ${value} of ${user} at "${label}" was queued and is nowhere`)
}

/** The last edit that is owed, or one that came after it. */
function possibleBodies(label: string, deeds: readonly Deed[]): readonly string[] {
  const edits = deeds.filter(({ kind }) => kind === 'edit')
  const owed = edits.findLastIndex(({ queued }) => queued)
  const bodies = edits.map(({ value }) => value)
  return owed < 0 ? [label, ...bodies] : bodies.slice(owed)
}
