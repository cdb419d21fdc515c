import { diskFaults, tabFaults } from './device-faults.js'
import { networkFaults } from './network-faults.js'
import { serverFaults } from './server-faults.js'
import type { Seat, Stage } from './stage.js'
import type { Strike } from './strike.js'

const strikes = { ...networkFaults, ...serverFaults, ...diskFaults, ...tabFaults }

export type Fault = keyof typeof strikes

/** Everything that breaks, and how often compared with the others. */
export const FAULTS: Readonly<Record<Fault, number>> = {
  drop: 8,
  'drop at a step': 6,
  'black hole up': 4,
  'black hole down': 4,
  'black hole': 4,
  refuse: 4,
  slow: 4,
  'texts lost': 3,
  'texts doubled': 3,
  'texts overtaken': 3,
  'texts cut': 3,
  'late frames': 4,
  'server killed': 4,
  'server drained': 3,
  'server restored': 3,
  'acks lost': 4,
  'not now': 3,
  'not here': 3,
  'cannot tell': 3,
  'turned away': 3,
  'room closed': 3,
  'token refused': 3,
  'token of another': 3,
  'token short': 3,
  'token late': 3,
  'token fails': 3,
  'disk aborts': 5,
  'disk full': 3,
  'disk slow': 3,
  'disk lost': 3,
  'disk refuses to open': 3,
  'disk never opens': 3,
  'disk runs twice': 3,
  'disk deaf': 3,
  'disk emptied': 3,
  'disk damaged': 3,
  'power cut': 3,
  'disk restored': 3,
  'profile copied': 3,
  crash: 6,
  'crash while writing': 4,
  closed: 4,
  'no locks': 3,
  freeze: 4,
  'frozen while writing': 3,
  throttled: 3,
  disconnect: 4,
  'clock jump': 4,
  signals: 4,
  'listener throws': 3,
  flood: 3,
  'left behind': 3,
}

/** Breaks something of a seat. */
export const strike = (stage: Stage, fault: Fault, seat: Seat): void => {
  const struck: Strike = strikes[fault]
  struck(stage, seat)
}

/** Ends every fault that lasts. */
export function healAll({ seats, heal, world, mood }: Stage): void {
  for (const over of [...heal]) over()
  for (const { profile, tab } of seats) {
    profile.disk.abortNext('unavailable', 0)
    profile.disk.refuseOpen('unavailable', 0)
    tab.link.refuse(false)
    tab.client.connect()
  }
  mood.door = undefined
  world.network.cutAll()
}
