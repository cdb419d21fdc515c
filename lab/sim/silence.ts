import { typing } from 'tidings/core'
import { Broken } from './broken.js'
import type { Judged, Seat } from './stage.js'

/** A start of typing is on its way for two latencies. */
const SOON_MS = 1_000
/** I12: 5 s after the last word, and a second for the timers. */
const FORGOTTEN_MS = 6_000
/** A server's interval and patience, a probe, and some seconds. */
const NOTICED_MS = 60_000

/** Somebody begins to type and vanishes in a tunnel: the others forget it, and the one in the tunnel notices. */
export async function fallSilent({ world, seats, rooms }: Judged): Promise<void> {
  const [writer] = seats
  const [room] = rooms
  if (!writer || room === undefined) return
  const others = seats.filter(({ profile }) => profile.user !== writer.profile.user)
  const typistsAt = ({ tab }: Seat) => typing(tab.client.room(room)).users.get()
  typing(writer.tab.client.room(room)).keystroke()
  await world.timeline.advance(SOON_MS)
  for (const seat of others)
    if (!typistsAt(seat).some(({ user }) => user === writer.profile.user))
      throw new Broken(`I12: ${seat.name} does not see that ${writer.name} types`)
  const heal = writer.tab.link.blackHole()
  await world.timeline.advance(FORGOTTEN_MS)
  for (const seat of others)
    if (typistsAt(seat).length > 0) throw new Broken(`I12: ${seat.name} sees somebody type who fell silent`)
  await world.timeline.advance(NOTICED_MS)
  if (writer.tab.client.connection.get().state === 'connected')
    throw new Broken(`L1: ${writer.name} believes to be connected and has heard nothing for a minute`)
  heal()
}
