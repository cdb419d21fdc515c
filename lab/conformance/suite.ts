import { changing } from './cases/changing.js'
import { greeting, tokens } from './cases/greeting.js'
import { repeats, stamps } from './cases/identity.js'
import { presence, receipts, typing } from './cases/people.js'
import { cursors, places } from './cases/places.js'
import { reading } from './cases/reading.js'
import { resuming, rooms } from './cases/rooms.js'
import { shapes, transport } from './cases/transport.js'
import { writing } from './cases/writing.js'
import type { Case } from './stage.js'

/** Everything that a server must do, by chapter. */
export const chapters: Readonly<Record<string, readonly Case[]>> = {
  greeting,
  tokens,
  transport,
  shapes,
  rooms,
  resuming,
  writing,
  stamps,
  repeats,
  changing,
  reading,
  places,
  cursors,
  typing,
  receipts,
  presence,
}
