import type { Mutant } from '../mutant.js'
import { clocks } from './clocks.js'
import { outbox } from './outbox.js'
import { people } from './people.js'
import { replica } from './replica.js'
import { replicaDisk } from './replica-disk.js'
import { sending } from './sending.js'
import { server } from './server.js'
import { states } from './states.js'

/** Every deliberate defect. */
export const mutants: readonly Mutant[] = [
  ...clocks,
  ...outbox,
  ...sending,
  ...replica,
  ...replicaDisk,
  ...states,
  ...people,
  ...server,
]
