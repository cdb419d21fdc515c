import { type Message, receipts, type Timeline, typing } from 'tidings/core'
import { Broken } from './broken.js'
import { ownShown } from './own.js'
import type { Judged, Seat } from './stage.js'

export { Broken }

/** What was seen of a room at a seat before. */
interface Seen {
  readonly timeline: Timeline
  /** The settled ones in their order. */
  readonly settled: readonly Message[]
  readonly resets: number
}

const isMessage = (item: Timeline['items'][number]): item is Message => item.type === 'message'
const before = (a: Message, b: Message): boolean => a.stamp < b.stamp || (a.stamp === b.stamp && a.id < b.id)

/** I3 and I4: each message once, and what is settled in the order of (stamp, id). */
function once(messages: readonly Message[], where: string): void {
  const ids = new Set<string>()
  for (const { id, key } of messages) {
    if (ids.has(id)) throw new Broken(`I3: ${where} shows ${key} twice`)
    ids.add(id)
  }
}
function inOrder(settled: readonly Message[], where: string): void {
  settled.forEach((message, i) => {
    const last = settled[i - 1]
    if (last && !before(last, message)) throw new Broken(`I4: ${where} shows ${message.key} before its place`)
  })
}

/**
 * I5: what was settled keeps its order, whatever comes in between. A server that came back with less may have given the same message
 * another stamp since, which is another place.
 */
function stable(earlier: readonly Message[], now: readonly Message[], mayMove: boolean, where: string): void {
  const places = new Map(now.map(({ key, stamp }, place) => [key, { place, stamp }]))
  let last = -1
  for (const { key, stamp } of earlier) {
    const found = places.get(key)
    if (found === undefined || (mayMove && found.stamp !== stamp)) continue
    if (found.place < last) throw new Broken(`I5: ${where} moved ${key}`)
    last = found.place
  }
}

/** I12: nobody types to themselves, and nobody is seen typing while nothing can be heard. */
function quiet({ profile, tab }: Seat, room: string, where: string): void {
  const typists = typing(tab.client.room(room)).users.get()
  if (typists.some(({ user }) => user === profile.user))
    throw new Broken(`I12: ${where} shows its own user typing`)
  if (typists.length > 0 && tab.client.connection.get().state !== 'connected')
    throw new Broken(`I12: ${where} shows somebody typing while it hears nothing`)
}

/** Looks at every seat after every step. What holds only at the end is looked at by `agree`. */
export function createLaws(stage: Judged) {
  const seen = new Map<Seat, Map<string, Seen>>()
  /** I11: what a key came to be called. */
  const names = new Map<string, string>()
  const marks = new Map<Seat, Map<string, { readonly mark: number; readonly resets: number }>>()

  /** I13: how far somebody has read only rises. A server that has not heard of it yet does not take it back. */
  function rising(seat: Seat, room: string, where: string): void {
    const of = marks.get(seat) ?? new Map<string, { readonly mark: number; readonly resets: number }>()
    marks.set(seat, of)
    const mark = receipts(seat.tab.client.room(room)).state.get().mark ?? 0
    const last = of.get(room)
    // A log that came back with less was not read beyond its end.
    if (last && mark < last.mark && last.resets === seat.resets && !stage.rolledBackAt)
      throw new Broken(`I13: the mark of ${where} fell from ${last.mark} to ${mark}`)
    of.set(room, { mark, resets: seat.resets })
  }

  function look(seat: Seat, room: string): void {
    const at = `${seat.name} in ${room}`
    if (seat.tab.client.connection.get().state === 'failed' && !seat.mayGiveUp)
      throw new Broken(`L2: ${seat.name} gave up`)
    quiet(seat, room, at)
    rising(seat, room, at)
    const timeline = seat.tab.client.room(room).timeline.get()
    const of = seen.get(seat) ?? new Map<string, Seen>()
    seen.set(seat, of)
    const last = of.get(room)
    ownShown(stage, seat, room)
    // The same reference is the same list.
    if (last?.timeline === timeline) return
    const where = `${seat.name} in ${room}`
    const messages = timeline.items.filter(isMessage)
    const settled = messages.filter(({ seq }) => seq !== null)
    once(messages, where)
    inOrder(settled, where)
    if (last && last.resets === seat.resets) stable(last.settled, settled, !!stage.rolledBackAt, where)
    for (const { key, id, from } of settled) {
      const name = `${room} ${from} ${key}`
      const known = names.get(name)
      if (known !== undefined && known !== id)
        throw new Broken(`I11: ${where} calls ${key} ${id}, not ${known}`)
      names.set(name, id)
    }
    of.set(room, { timeline, settled, resets: seat.resets })
  }

  return {
    look(): void {
      for (const seat of stage.seats) for (const room of stage.rooms) look(seat, room)
    },
  }
}
