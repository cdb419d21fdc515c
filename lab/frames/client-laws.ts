import { presence, receipts, typing } from 'tidings/core'
import { Broken } from '../sim/laws.js'
import { ROOMS, type Scene } from './scene.js'

/** The most of anything that a client may hold, whatever it is told. The figures of the documents, and room for what the page itself does. */
export const BOUNDS = {
  trace: 500,
  /** A list, and what a person wrote beside it. */
  items: 1_100,
  typists: 100,
  people: 1_024,
  readers: 10_000,
  /** A hundred typists in each room, and a few for everything else. */
  timers: 100 * ROOMS.length + 60,
  /** Frames that a client says for one that it is told, and for each minute. */
  said: 3,
  saidEveryMinute: 600,
} as const

function within(what: string, count: number, most: number): void {
  if (count > most) throw new Broken(`growth: ${count} ${what}, and ${most} are the most`)
}

/** Each item once: two rows of one key cannot be drawn. */
function once(keys: readonly string[], room: string): void {
  const twice = keys.find((key, i) => keys.indexOf(key) < i)
  if (new Set(keys).size < keys.length) throw new Broken(`the list of ${room} shows ${twice} twice`)
}

/** What holds at every moment, whatever was told so far. */
export function look({ client, errors, timeline }: Scene): void {
  if (errors.has('listener')) throw new Broken('something threw inside, where only listeners may')
  within('lines of the trace', client.trace().length, BOUNDS.trace)
  within('timers', timeline.pending, BOUNDS.timers)
  within('rooms', client.rooms.get().length, ROOMS.length)
  for (const name of ROOMS) {
    const room = client.room(name)
    const { items } = room.timeline.get()
    within(`items of ${name}`, items.length, BOUNDS.items)
    once(
      items.map(({ key }) => key),
      name,
    )
    within(`typists of ${name}`, typing(room).users.get().length, BOUNDS.typists)
    within(`readers of ${name}`, receipts(room).state.get().readers.length, BOUNDS.readers)
    within(`people of ${name}`, presence(client).inRoom(name).get().users.length, BOUNDS.people)
  }
}

/** No storm: what a client says is bounded by what it is told and by the time that passes. */
export function checkSaid({ puppet, timeline }: Scene, told: number, since: number): void {
  const minutes = (timeline.now() - since) / 60_000
  within('frames said', puppet.received.length, 1_000 + BOUNDS.said * told + BOUNDS.saidEveryMinute * minutes)
  const [bad] = puppet.refused
  if (bad) throw new Broken(`the client broke the protocol: ${bad.fault} ${bad.type ?? ''} ${bad.path ?? ''}`)
}
