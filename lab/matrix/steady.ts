import type { Message } from 'tidings/core'
import { Broken } from '../sim/laws.js'
import type { Judged, Seat } from '../sim/stage.js'
import type { ServerLog } from './server-log.js'
import type { Words } from './words.js'

/** What a tab showed of a message that its user wrote. */
interface Shown {
  readonly id: string
  readonly seq: number | null
  readonly resets: number
}

type Watched = Pick<Judged, 'seats' | 'rooms'> & { readonly words: Words; readonly serverLog: ServerLog }

const isTemporary = (id: string): boolean => id.startsWith('tmp_')

/** I7 and I11, after every moment: what somebody wrote neither flickers nor changes its name. */
export function createSteadiness({ seats, rooms, words, serverLog }: Watched) {
  const seen = new WeakMap<Seat, Map<string, Shown>>()

  function compare(where: string, last: Shown, now: Message | undefined, resets: number): void {
    if (!now) {
      if (last.resets === resets) throw new Broken(`I7: ${where} is not shown any more`)
      return
    }
    if (!isTemporary(last.id) && last.id !== now.id)
      throw new Broken(`I11: ${where} was ${last.id} and is ${now.id}`)
    // A tab that crashed on the way of a reset leaves the rest of it to the next one, which hears of no reset.
    if (last.seq !== null && now.seq === null && serverLog.cutAt === 0)
      throw new Broken(`I7: ${where} was in the log and is not any more`)
  }

  function look(seat: Seat, room: string): void {
    const timeline = seat.tab.client.room(room).timeline.get()
    const of = seen.get(seat) ?? new Map<string, Shown>()
    seen.set(seat, of)
    const shown = new Map(timeline.items.map((item) => [item.key, item]))
    for (const { key, label, user, room: at, deeds } of words.all()) {
      if (at !== room || user !== seat.profile.user) continue
      const item = shown.get(key)
      const now = item?.type === 'message' ? item : undefined
      const last = of.get(key)
      const mayGo = timeline.status === 'refused' || deeds.some(({ kind }) => kind === 'delete')
      if (last && (now || !mayGo)) compare(`"${label}" at ${seat.name}`, last, now, seat.resets)
      if (now) of.set(key, { id: now.id, seq: now.seq, resets: seat.resets })
      else of.delete(key)
    }
  }

  return {
    look(): void {
      for (const seat of seats) for (const room of rooms) look(seat, room)
    },
  }
}
